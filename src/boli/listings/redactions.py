"""What `boli redact` prints: lines without personal data, as text and as JSON lines."""

from boli.redaction import Redactor, Tally
from boli.streams import Block, Render, json_lines


def show_redacted(redactor: Redactor, tally: Tally) -> Render:
    """Print each line redacted, and count what was taken out.

    >>> tally = Tally()
    >>> show_redacted(Redactor(), tally)(Block("a.txt", 1, ["call 0300 1234567", "ok"]))
    'call [PHONE]\\nok\\n'
    >>> tally.totals()[-1]
    ('*', '*', 'phone', 1)
    """

    def render(block: Block) -> str:
        found = redactor("\n".join(block.lines))
        tally.add(block.name, block.first, block.lines, found.spans)
        return f"{found.text}\n"

    return render


def show_redacted_json(redactor: Redactor, tally: Tally) -> Render:
    """Print a JSON object for each line: file, line, text (redacted), spans (offsets, kind and replacement)."""

    def render(block: Block) -> str:
        found = redactor.batch(block.lines)
        for at, (line, one) in enumerate(zip(block.lines, found, strict=True)):
            tally.add(block.name, block.first + at, [line], one.spans)
        return json_lines(
            {
                "file": block.name,
                "line": block.first + at,
                "text": one.text,
                "spans": [span._asdict() for span in one.spans],
            }
            for at, one in enumerate(found)
        )

    return render
