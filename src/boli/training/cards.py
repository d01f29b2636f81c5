"""The model card that a run writes about itself, in Hugging Face's form."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

import boli
from boli.datasets import Card
from boli.evaluation import Interval, SliceScore
from boli.training.config import FinetuneConfig
from boli.training.plots import NAMES, best_engine
from boli.training.reports import EngineReport, Report


@dataclass(frozen=True)
class CardFacts:
    """What the card tells beside the scores.

    Args:
        seconds: stage -> time its work took.
        signatures: tag -> signature of the normalization rules.
    """

    config: FinetuneConfig
    data: Card
    seconds: Mapping[str, float]
    signatures: Mapping[str, str]


def write_card(report: Report, facts: CardFacts) -> str:
    """Return the model card as Markdown with a YAML head."""
    parts = (
        _head(report, facts), _opening(report, facts), _usage(facts), _scores(report), _left_out(report),
        _limits(report, facts), _origin(report, facts),
    )  # fmt: skip
    return "\n\n".join(parts) + "\n"


def percent(interval: Interval) -> str:
    """Write a share with its interval in percent.

    >>> percent(Interval(0.5, 0.41, 0.6))
    '50.0 % (41.0 to 60.0)'
    """
    return f"{100 * interval.value:.1f} % ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def _head(report: Report, facts: CardFacts) -> str:
    best = best_engine(report)
    languages = sorted({tag.partition("-")[0] for tag in facts.data.languages})
    result = {
        "task": {"type": "text-classification"},
        "dataset": {"name": facts.data.name, "type": report.data_name, "split": "test"},
        "metrics": [{"type": "accuracy", "value": round(best.accuracy.value, 4)}],
    }
    head = {
        "license": facts.data.licence,
        "language": languages,
        "language_bcp47": list(facts.data.languages),
        "library_name": "boli",
        "pipeline_tag": "text-classification",
        "tags": [report.task, "boli"],
        "metrics": ["accuracy"],
        "model-index": [{"name": f"{report.data_name} {report.task}", "results": [result]}],
        **({"base_model": facts.config.model.source} if facts.config.model.source else {}),
    }
    # JSON is YAML: one value a line, quoted as YAML wants it.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    return "\n".join(["---", *lines, "---"])


def _opening(report: Report, facts: CardFacts) -> str:
    return (
        f"# {_title(report)}: {facts.data.name}\n\n"
        f"Tells which of {len(report.labels)} {_things(report)} a message has: {', '.join(report.labels)}.\n\n"
        f"**{report.verdict}** The {report.engine} model answers by default."
    )


def _usage(facts: CardFacts) -> str:
    tag = facts.data.languages[-1]
    return (
        "## Use\n\n```python\nfrom boli.pipeline import load\n\n"
        f'pipeline = load("THIS FOLDER")\npipeline("your message", "{tag}").label\n```\n\n'
        "The same text rules run in training and here: normalization, then a tokenizer that carries the rules of all "
        "languages. With `transformers` alone (`AutoModelForSequenceClassification`), normalize the text with "
        f'`boli.normalization.Normalizer(tag, level="{facts.config.text.level}")` first.'
    )


def _scores(report: Report) -> str:
    rows = [
        _row("accuracy", percent(report.encoder.accuracy), percent(report.linear.accuracy)),
        _row("accuracy, language not told", percent(report.encoder.untold), percent(report.linear.untold)),
        _row("macro-F1", percent(report.encoder.macro_f1), percent(report.linear.macro_f1)),
        _row("Matthews' correlation", f"{report.encoder.matthews:.3f}", f"{report.linear.matthews:.3f}"),
        _row("calibration error", _points(report.encoder.calibration_error), _points(report.linear.calibration_error)),
        _row("one text on the CPU", f"{report.encoder.milliseconds:.2f} ms", f"{report.linear.milliseconds:.2f} ms"),
        _row("size", f"{report.encoder.size / 1e6:.1f} MB", f"{report.linear.size / 1e6:.1f} MB"),
    ]
    if report.hourly_price:
        costs = (f"{each.cost:.3g}" for each in (report.encoder, report.linear))
        rows.append(_row(f"1,000 texts one by one, at {report.hourly_price:g} an hour", *costs))
    for name, first, second in _paired(report):
        rows.append(_row(name, percent(first), percent(second)))
    for title in ("forms", "languages", "scripts"):
        rows += [
            _row(_slice_name(one), percent(one.interval), percent(two.interval))
            for one, two in zip(_slices(report.encoder, title), _slices(report.linear, title), strict=True)
        ]
    level = f"{100 * report.comparison.level:g} %"
    return (
        f"## Scores on {report.rows[2]:,} test rows, with {level} intervals\n\n"
        + "\n".join([_row("", "encoder", "linear baseline"), "|---|---|---|", *rows])
        + "\n\n"
        + "\n".join(f"![{name.replace('_', ' ')}](plots/{name}.png)" for name in NAMES)
    )


def _left_out(report: Report) -> str:
    best = best_engine(report)
    worst = next((score for score in best.forms if score.name == best.worst_form), None)
    if worst is None:
        return "## Who is left out\n\nEvery language and script has too few test rows to be ranked."
    return (
        f"## Who is left out\n\nThe {best.name} model serves {worst.name} worst: {percent(worst.interval)}. "
        f"Between the best and the worst form lie {100 * best.gap:.1f} points; read them with the intervals above."
    )


def _limits(report: Report, facts: CardFacts) -> str:
    avoid, author = (facts.data.sections[name] for name in ("Do not use for", "Who wrote it"))
    return (
        "## Limits\n\n"
        f"{_scope(report)}"
        f"- Texts longer than {facts.config.model.max_tokens} tokens are cut for the encoder; "
        f"{report.cut} of {report.rows[2]:,} test texts were. The answer says so (`cut`).\n"
        "- Rows of one phrasing in two scripts were drawn together in the bootstrap; slices have Wilson intervals.\n"
        "- What the card of the data set says holds for this model too:\n\n"
        f"### Who wrote the data\n\n{author}\n\n### Do not use for\n\n{avoid}"
    )


def _origin(report: Report, facts: CardFacts) -> str:
    training = facts.config.training
    total = sum(facts.seconds.values())
    signatures = ", ".join(f"{tag} {value[:12]}" for tag, value in facts.signatures.items())
    return (
        "## Where it comes from\n\n"
        f"- Data: {facts.data.name} ({report.data_name}), {facts.data.licence}, train {report.rows[0]:,}, "
        f"dev {report.rows[1]:,}, test {report.rows[2]:,} rows, sha256 {report.data_sha256}\n"
        f"{_spread(report)}"
        f"- Encoder: {_encoder(facts)}, {report.parameters:,} parameters, "
        f"{len(report.curve)} epochs on {report.device}, seed {training.seed}\n"
        f"- Normalization rules: {signatures}\n"
        f"- Exported model and torch differ by at most {report.agreement:.1e} in a logit\n"
        f"- Made by boli {boli.__version__} in {total:.0f} s of work, of which the encoder took "
        f"{facts.seconds.get('encoder', 0.0):.0f} s. Energy was not measured.\n"
        f"- Configuration: `{json.dumps(facts.config.to_dict(), sort_keys=True)}`"
    )


def _title(report: Report) -> str:
    return "Intent model" if report.task == "intent" else "Classifier"


def _things(report: Report) -> str:
    return "intents" if report.task == "intent" else "labels"


def _paired(report: Report) -> Iterator[tuple[str, Interval, Interval]]:
    """Slots and flips of both models, row by row."""
    for one, two in zip(report.encoder.slots, report.linear.slots, strict=True):
        yield f"slot {one.name}, F1 by span ({one.rows})", one.interval, two.interval
    for flip, other in zip(report.encoder.flips, report.linear.flips, strict=True):
        yield f"answer moves with the {flip.kind} ({flip.pairs} pairs)", flip.rate, other.rate


def _spread(report: Report) -> str:
    lines = ""
    if report.repeats:
        tests = [each.test for each in report.repeats]
        seeds = f"{len(tests)} seeds: {100 * mean(tests):.1f} % of test on average"
        lines += f"- {seeds}, from {100 * min(tests):.1f} to {100 * max(tests):.1f}\n"
    for folds in report.folds:
        lines += (
            f"- {folds.parts}-fold over {folds.rows:,} rows: encoder {percent(folds.encoder)}, linear "
            f"{percent(folds.linear)}, difference {percent(folds.difference)}\n"
        )
    return lines


def _scope(report: Report) -> str:
    scope = next(iter(best_engine(report).scope), None)
    if scope is None:
        return (
            "- It always answers with one of its labels, also to a message that has none of them: look at the score "
            f"(below {best_engine(report).threshold:.2f} the answer says `known=False`).\n"
        )
    return (
        f"- Of {scope.rows} messages out of scope it notices {100 * scope.caught:.0f} % (AUROC {scope.auroc:.2f}), and "
        f"takes {100 - 100 * scope.kept:.0f} % of the others for such.\n"
    )


def _encoder(facts: CardFacts) -> str:
    source = facts.config.model.source
    kind = f"fine-tuned from {source}" if source else "ModernBERT-style from fresh weights"
    return f"{kind} with LoRA of rank {facts.config.model.lora_rank}" if facts.config.model.lora_rank else kind


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _slice_name(score: SliceScore) -> str:
    return f"{score.name}, {score.count} rows{' (few)' if score.small else ''}"


def _slices(engine: EngineReport, title: str) -> Sequence[SliceScore]:
    return {"forms": engine.forms, "languages": engine.languages, "scripts": engine.scripts}[title]


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"
