"""What the commands of `boli` do, one module for each subject; `boli.cli` is the table that names them."""
