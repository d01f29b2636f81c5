"""What `boli transliterate` and `boli respell` print."""

from collections.abc import Callable

from boli.streams import Block, Render, json_lines
from boli.transliteration import Transliterator


def show_converted(convert: Callable[[list[str]], list[str]]) -> Render:
    """Print each line converted.

    >>> show_converted(lambda lines: [line.upper() for line in lines])(Block("x", 1, ["a", ""]))
    'A\\n\\n'
    """
    return lambda block: "\n".join(convert(block.lines)) + "\n"


def show_converted_json(transliterator: Transliterator) -> Render:
    """Print a JSON object for each line: file, line, text, converted, words (offsets in code points, half-open)."""

    def render(block: Block) -> str:
        return json_lines(
            {
                "file": block.name,
                "line": block.first + at,
                "text": block.lines[at],
                "converted": conversion.text,
                "words": [word._asdict() for word in conversion.words],
            }
            for at, conversion in enumerate(transliterator.convert(block.lines))
        )

    return render


def show_candidates(transliterator: Transliterator, n: int) -> Render:
    """Print for each word of each line the word and its candidates with their probabilities, separated by tabs."""

    def render(block: Block) -> str:
        return "".join(
            "\t".join([word, *(f"{one.text} {one.score:.3f}" for one in transliterator.candidates(word, n))]) + "\n"
            for line in block.lines
            for word in line.split()
        )

    return render
