"""``boli``: a table of commands that delegate. Every command imports what it needs when it runs."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from boli.commands import (
    counterfactuals,
    data,
    forgetting,
    predictions,
    redaction,
    review,
    sealing,
    tables,
    texts,
    tokenizers,
    training,
    transliteration,
)
from boli.commands.arguments import print_text
from boli.errors import BoliError

COMMANDS = {
    "": (
        ("normalize", texts.normalize),
        ("segment", texts.segment),
        ("identify", texts.identify),
        ("transliterate", transliteration.transliterate),
        ("respell", transliteration.respell),
        ("redact", redaction.redact),
        ("predict", predictions.predict),
        ("explain", predictions.explain),
        ("pipelines", predictions.pipelines),
        ("demo", training.demo),
    ),
    "tables": (("fmt", tables.format_tables), ("check", tables.check_tables)),
    "data": (
        ("check", data.check_data),
        ("audit", data.audit_data),
        ("draft-card", data.draft_card),
        ("new-key", sealing.make_key),
        ("seal", sealing.seal),
        ("unseal", sealing.unseal),
        ("forget", forgetting.forget),
        ("counterfactuals", counterfactuals.write_counterfactuals),
    ),
    "review": (("page", review.write_page), ("apply", review.apply_file)),
    "tokenizer": (
        ("train", tokenizers.train_tokenizer),
        ("report", tokenizers.report_tokenizers),
        ("renew", tokenizers.renew_tokenizer),
    ),
    "train": (
        ("classifier", training.train_classifier),
        ("intent", training.train_intent),
        ("encoder", training.train_encoder),
        ("transliterator", training.train_transliterator),
    ),
}
"""Group -> its commands in the order of the help; the first group is `boli` itself."""

GROUPS = {
    "tables": "Rule tables: format them, check them.",
    "data": "Data sets: check that one is complete, audit who is in it, draft its card, seal it.",
    "review": "Let speakers judge rows, and take their verdicts over.",
    "tokenizer": "Tokenizers that carry their normalizer: train them, measure them.",
    "train": "Train models (needs boli[train]).",
}
"""Group -> what its help says."""

app = typer.Typer(
    name="boli",
    help="Normalize, identify and classify Urdu, Punjabi, Sindhi, Pashto and Balochi, in Arabic script and in Roman.",
    add_completion=False,
    rich_markup_mode=None,
)


def _show_help(context: typer.Context) -> None:
    """Print help when no command is given."""
    if context.invoked_subcommand is None:
        print_text(f"{context.get_help()}\n")


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Print the version, or help when no command is given."""
    if version:
        import boli

        print_text(f"boli {boli.__version__}\n")
    else:
        _show_help(context)


def _fill() -> None:
    for group, commands in COMMANDS.items():
        inner = typer.Typer(callback=_show_help, invoke_without_command=True, help=GROUPS[group]) if group else app
        for name, command in commands:
            inner.command(name)(command)
        if group:
            app.add_typer(inner, name=group)


_fill()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0: done; 1: ``--strict`` found something; 2: one sentence on standard error says why not; 130: Ctrl-C; 141: nobody
    reads the output any more.

    Args:
        arguments: without the program's name; by default those of the process.

    >>> main(["pipelines", "--jsn"])
    2
    """
    command = typer.main.get_command(app)
    try:
        with command.make_context("boli", list(sys.argv[1:] if arguments is None else arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:
        return int(end.exit_code)
    except BrokenPipeError:
        return _leave_quietly()
    except KeyboardInterrupt as stopped:
        return _fail(str(stopped) or "stopped", 130)
    except BoliError as problem:
        return _fail(str(problem), 2)
    except OSError as problem:
        return _fail(f"{problem.filename or 'output'}: {problem.strerror or problem}", 2)
    except Exception as problem:
        return _fail_otherwise(problem)
    return 0


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"boli: {' '.join(sentence.splitlines())}\n")
    return code


def _fail_otherwise(problem: Exception) -> int:
    """Tell a wrong command line (typer's errors know a message for it) from a fault of ours."""
    message = getattr(problem, "format_message", None)
    if callable(message):
        path = getattr(getattr(problem, "ctx", None), "command_path", "boli")
        return _fail(f"{str(message()).rstrip('.')}; run: {path} --help", 2)
    if os.environ.get("BOLI_TRACEBACK"):
        raise problem
    return _fail(
        f"a fault in boli, not in what you typed: {type(problem).__name__}: {problem};"
        " please report it with what the same command says under BOLI_TRACEBACK=1",
        1,
    )


def _leave_quietly() -> int:
    """Whoever read our output has had enough: say nothing now, and nothing when Python flushes at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


if __name__ == "__main__":
    sys.exit(main())
