"""The benchmark's own scoring agrees with the protocol that measures from outside, where that is at hand."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]
PROTOCOL = ROOT.parent / "shared" / "protocol.py"
TEXT = st.text(alphabet="abē'- يىیكکهہھۀۂڪ۽ٰٕٔؕـ\u200cآآ،?.", max_size=12)


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


ours = load(ROOT / "benchmarks" / "conversion_scores.py")


def test_a_word_right_among_five_is_not_right_first() -> None:
    assert ours.score_words({"a": ["x", "y"]}, {"a": {"y"}}) == (0.0, 100.0, 100.0)


def test_word_errors_count_edits_of_words() -> None:
    assert ours.word_errors(["ab cd"], ["ab ce"], "ur") == 50.0


@pytest.mark.skipif(not PROTOCOL.exists(), reason="the protocol lies beside the repository, not in it")
@given(TEXT, TEXT, st.sampled_from(["ur", "pa", "sd", "ps", "bal"]))
def test_scores_agree_with_the_protocol(left: str, right: str, language: str) -> None:
    protocol = load(PROTOCOL)
    assert ours.fold_native(left, language) == protocol.fold_native(left, language)
    assert ours.fold_roman(left) == protocol.fold_roman(left)
    assert ours.words_of(left, language) == protocol.words(left, language)
    assert ours.word_errors([left], [right], language) == protocol.word_error_rate([left], [right], language)
    theirs = protocol.score_words({"w": [left]}, {"w": {right}})
    assert ours.score_words({"w": [left]}, {"w": {right}}) == (theirs["top1"], theirs["top5"], theirs["cer"])
