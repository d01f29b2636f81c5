"""A user's own words, which win over everything learned."""

from pathlib import Path

from boli.errors import DataError


def read_user_words(path: Path) -> dict[str, str]:
    """Read lines of `word TAB answer`; empty lines and lines that start with # are left out.

    Raises:
        DataError: the file cannot be read, or a line is not such a pair; the message starts with file:line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "my.tsv")
    ...     _ = file.write_text("# mine\\nboli\\tBOLI\\n")
    ...     read_user_words(file)
    {'boli': 'BOLI'}
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({problem}); give a file of word TAB answer") from None
    words: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 2 or not all(fields):
            raise DataError(f"{path}:{number}: expected word TAB answer, got {len(fields)} fields; fix the line")
        if words.setdefault(fields[0], fields[1]) != fields[1]:
            raise DataError(f"{path}:{number}: {fields[0]!r} has another answer in an earlier line; keep one")
    return words
