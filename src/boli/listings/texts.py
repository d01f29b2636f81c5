"""What `boli normalize` prints: texts, steps, changes and audits, for people and as JSON lines."""

from boli.normalization import Normalizer
from boli.normalization.alignment import changes
from boli.normalization.audit import CharacterAudit, Foreign, describe
from boli.normalization.normalizer import Normalization, Step
from boli.streams import Block, Render, json_lines


def show_normalized(normalizer: Normalizer) -> Render:
    """Print each line normalized.

    >>> show_normalized(Normalizer("ur"))(Block("x", 1, ["كتاب", ""])) == "کتاب\\n\\n"
    True
    """
    return lambda block: "\n".join(normalizer.batch(block.lines)) + "\n"


def show_steps(normalizer: Normalizer) -> Render:
    """Print each line, before and after, with every step: offsets (code points of the input), row and reason."""
    return lambda block: "".join(
        f"{_place(block, at)}\n{_explain(normalizer.explain(line))}" for at, line in enumerate(block.lines)
    )


def show_changes(normalizer: Normalizer) -> Render:
    """Print each piece that changes: place, columns (code points, half-open), code points and names.

    >>> print(show_changes(Normalizer("ur"))(Block("x", 1, ["آ", "كل"])), end="")
    x:2:0-1	U+0643 ARABIC LETTER KAF -> U+06A9 ARABIC LETTER KEHEH
    """

    def render(block: Block) -> str:
        aligned = normalizer.align_batch(block.lines)
        return "".join(
            f"{_place(block, at)}:{start}-{end}\t{describe(line[start:end])} -> {describe(after)}\n"
            for at, (line, (text, alignment)) in enumerate(zip(block.lines, aligned, strict=True))
            if text != line
            for start, end, after in changes(line, text, alignment)
        )

    return render


def show_normalized_json(normalizer: Normalizer) -> Render:
    """Print a JSON object for each line: file, line, text, normalized, changes."""

    def render(block: Block) -> str:
        aligned = normalizer.align_batch(block.lines)
        return json_lines(
            {
                "file": block.name,
                "line": block.first + at,
                "text": line,
                "normalized": text,
                "changes": [
                    {"start": start, "end": end, "before": line[start:end], "after": after}
                    for start, end, after in (changes(line, text, alignment) if text != line else [])
                ],
            }
            for at, (line, (text, alignment)) in enumerate(zip(block.lines, aligned, strict=True))
        )

    return render


def show_steps_json(normalizer: Normalizer) -> Render:
    """Print a JSON object for each line: file, line, text, normalized, steps, quotations."""
    return lambda block: json_lines(
        {
            "file": block.name,
            "line": block.first + at,
            "text": line,
            "normalized": why.text,
            "steps": [_step_fields(step) for step in why.steps],
            "quotations": [{"start": start, "end": end} for start, end in why.quotations],
        }
        for at, line in enumerate(block.lines)
        for why in [normalizer.explain(line)]
    )


def show_audit(audit: CharacterAudit, language: str) -> str:
    """Print an audit of characters for people.

    >>> from boli.normalization.audit import audit_lines
    >>> print(show_audit(audit_lines(["x"], Normalizer("ur")), "Urdu"), end="")
    1 line, 1 character; no character is foreign to Urdu (ur-Arab).
    """
    size = f"{_number(audit.lines, 'line')}, {_number(audit.characters, 'character')}"
    if not audit.foreign:
        return f"{size}; no character is foreign to {language} ({audit.tag}).\n"
    kinds = _number(len(audit.foreign), "character")
    head = (
        f"{size}; {kinds} foreign to {language} ({audit.tag}), {_number(audit.count, 'time')} in"
        f" {_number(audit.lines_with_foreign, 'line')}. Level {audit.level} makes of them:\n"
    )
    return head + "".join(map(_foreign, audit.foreign))


def _place(block: Block, at: int) -> str:
    return f"{block.name}:{block.first + at}"


def _explain(why: Normalization) -> str:
    if not why.steps:
        return f"  {why.text}\n  nothing changes\n{_quotations(why)}"
    return f"  {why.source}\n  {why.text}\n{''.join(map(_step, why.steps))}{_quotations(why)}"


def _step(step: Step) -> str:
    before, after = _codes(step.before), _codes(step.after) or "nothing"
    return f"    {step.start}-{step.end}\t{step.id}\t{before} -> {after}\t{step.reason}\n"


def _quotations(why: Normalization) -> str:
    return "".join(f"    quotation of Arabic left alone: {why.text[start:end]}\n" for start, end in why.quotations)


def _codes(text: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in text)


def _step_fields(step: Step) -> dict[str, object]:
    return {
        "row": step.id,
        "reason": step.reason,
        "start": step.start,
        "end": step.end,
        "before": step.before,
        "after": step.after,
    }


def _foreign(one: Foreign) -> str:
    shown = f"  {one.character}" if one.kind in {"letter", "digit", "presentation form"} else ""
    lines = [f"\n{one.code} {one.name}{shown}  ({one.kind}, {_number(one.count, 'time')})"]
    lines += [f"  {outcome.count:>9,} x  {_outcome(outcome.before, outcome.after)}" for outcome in one.outcomes]
    lines += [f"  {one.other_outcomes:>9,} x  something else"] if one.other_outcomes else []
    lines += [f"    {each.file}:{each.line}:{each.column}: {each.text}" for each in one.examples]
    return "\n".join(lines) + "\n"


def _outcome(before: str, after: str) -> str:
    if before == after:
        return "stays" if len(before) == 1 else f"{describe(before)} stays"
    return f"{describe(before)} -> {describe(after)}"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
