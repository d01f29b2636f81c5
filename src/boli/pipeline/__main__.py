"""Label messages in a process of its own: ``python -m boli.pipeline FOLDER [ENGINE] < rows.jsonl > answers.jsonl``.

A row is ``{"text": ..., "lang": ...}``; an answer has the label, the score and the reason in English and Urdu. `boli
train` runs this after a run, to prove that the folder works by itself.
"""

import json
import sys
from pathlib import Path

from boli.errors import BoliError
from boli.pipeline.loading import load


def main(arguments: list[str]) -> int:
    """Answer each row of standard input; return 2 and one sentence on standard error when that cannot be done."""
    try:
        pipeline = load(Path(arguments[0]), engine=arguments[1] if len(arguments) > 1 else "")
        for line in sys.stdin:
            row = json.loads(line)
            why = pipeline.explain(row["text"], row["lang"])
            answer: dict[str, object] = {"label": why.prediction.label, "score": round(why.prediction.score, 4)}
            answer |= {"english": why.english, "urdu": why.urdu}
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    except BoliError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
