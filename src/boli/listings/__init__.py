"""What the commands print: results of the library as text or as JSON lines, for people and for programs."""
