"""What `boli segment`, `identify`, `predict`, `explain` and `pipelines` print, for people and as JSON lines."""

from collections.abc import Iterable

from boli.errors import DataError
from boli.identification import Guess, identify_batch, identify_words
from boli.pipeline import Explanation, Installed, Pipeline, Prediction
from boli.segmentation import split_sentences, split_words
from boli.streams import Block, Render, json_lines


def show_pieces(lang: str, *, words: bool) -> Render:
    """Print each sentence on a line of its own, or each line as its words with spaces between."""
    if words:
        return lambda block: "".join(
            " ".join(span.of(line) for span in split_words(line, lang)) + "\n" for line in block.lines
        )
    return lambda block: "".join(
        f"{span.of(line)}\n" for line in block.lines for span in split_sentences(line, lang)
    )


def show_tags() -> Render:
    """Print tag, probability and text of each line, with tabs between."""
    return lambda block: "".join(
        f"{guess.tag}\t{guess.probability:.3f}\t{line}\n"
        for guess, line in zip(identify_batch(block.lines), block.lines, strict=True)
    )


def show_word_tags() -> Render:
    """Print each line as its words with their tags: ``word/tag``."""
    return lambda block: "".join(
        " ".join(f"{line[word.start : word.end]}/{word.tag}" for word in identify_words(line)) + "\n"
        for line in block.lines
    )


def show_tags_json(*, words: bool) -> Render:
    """Print a JSON object for each line: file, line, text, tag, probability, and words where asked."""

    def render(block: Block) -> str:
        guesses = zip(block.lines, identify_batch(block.lines), strict=True)
        return json_lines(
            {"file": block.name, "line": block.first + at, "text": line, **_guess_fields(line, guess, words=words)}
            for at, (line, guess) in enumerate(guesses)
        )

    return render


def _guess_fields(line: str, guess: Guess, *, words: bool) -> dict[str, object]:
    fields: dict[str, object] = {"tag": guess.tag, "probability": guess.probability}
    return fields | ({"words": [word._asdict() for word in identify_words(line)]} if words else {})


def show_predictions(pipeline: Pipeline, lang: str | None) -> Render:
    """Print label, score and text of each line, with tabs between."""

    def render(block: Block) -> str:
        return "".join(
            f"{found.label}\t{found.score:.3f}\t{line}\n"
            for line, found in zip(block.lines, _predict(pipeline, block, lang), strict=True)
        )

    return render


def show_predictions_json(pipeline: Pipeline, lang: str | None) -> Render:
    """Print a JSON object for each line: file, line, text, label, score, tag, scores, cut."""

    def render(block: Block) -> str:
        return json_lines(
            {"file": block.name, "line": block.first + at, "text": block.lines[at], **_fields(found)}
            for at, found in enumerate(_predict(pipeline, block, lang))
        )

    return render


def show_reasons(pipeline: Pipeline, lang: str | None) -> Render:
    """Print each line with its label and the reason, in English and Urdu, and the weight of each word."""

    def render(block: Block) -> str:
        _check_words(block)
        return "".join(_reason(line, pipeline.explain(line, lang)) for line in block.lines)

    return render


def show_reasons_json(pipeline: Pipeline, lang: str | None) -> Render:
    """Print a JSON object for each line: what `show_predictions_json` has, and words, english, urdu."""

    def render(block: Block) -> str:
        _check_words(block)
        return json_lines(
            {
                "file": block.name,
                "line": block.first + at,
                "text": line,
                **_fields(why.prediction),
                "words": [word._asdict() for word in why.words],
                "english": why.english,
                "urdu": why.urdu,
            }
            for at, line in enumerate(block.lines)
            for why in [pipeline.explain(line, lang)]
        )

    return render


def show_pipelines(found: Iterable[Installed]) -> str:
    """Print a line for each installed pipeline, or how to get one.

    >>> print(show_pipelines([]), end="")
    no pipeline is installed; a run folder is one too: boli predict runs/demo
    """
    lines = [_installed(one) for one in found]
    return "".join(lines) or "no pipeline is installed; a run folder is one too: boli predict runs/demo\n"


def _predict(pipeline: Pipeline, block: Block, lang: str | None) -> list[Prediction]:
    _check_words(block)
    return pipeline.batch(block.lines, lang)


def _check_words(block: Block) -> None:
    for number, line in enumerate(block.lines, block.first):
        if not line.strip():
            raise DataError(f"{block.name}:{number}: the line is empty; expected a message: take the line out")


def _fields(found: Prediction) -> dict[str, object]:
    scores = {label: round(score, 6) for label, score in found.scores}
    return {"label": found.label, "score": round(found.score, 6), "tag": found.tag, "scores": scores, "cut": found.cut}


def _reason(line: str, why: Explanation) -> str:
    words = "".join(f"    {word.weight:+.3f}\t{word.text}\n" for word in why.words)
    return f"{why.prediction.label}\t{why.prediction.score:.3f}\t{line}\n  {why.english}\n  {why.urdu}\n{words}"


def _installed(one: Installed) -> str:
    scores = ", ".join(f"{engine} {100 * score:.1f} %" for engine, score in one.scores)
    return (
        f"{one.name}\t{one.package} {one.version}\t{one.size / 1e6:.1f} MB\t{' '.join(one.languages)}\t{one.licence}"
        f"\t{scores}\n"
    )
