"""The same answer everywhere: `tokenizers` and SentencePiece are the outside oracles."""

import json
import random
import subprocess
import sys

import pytest
from texts import COMMON, FORMS, OTHERS

from boli.errors import ConfigError
from boli.normalization import Normalizer
from boli.normalization.characters import LETTERS, MARKS

tokenizers = pytest.importorskip("tokenizers")
sentencepiece = pytest.importorskip("sentencepiece")

RANDOM_STRINGS = 2_000
"""Per form here; `benchmarks/export_equality.py` runs 20,000, and real text beside them."""


def random_strings(normalizer, count, seed=0):
    chooser = random.Random(seed)
    sources = [row.source for row in (*normalizer.rules.encoding, *normalizer.rules.letters)]
    others = [text for text in OTHERS if text not in ("\ud800", "\0")]
    pool = sources + sorted(LETTERS) + sorted(MARKS) + others * 8 + COMMON * 20
    return ["".join(chooser.choices(pool, k=chooser.randint(1, 14))) for _ in range(count)]


@pytest.mark.parametrize("form", [("und", "encoding"), *FORMS], ids=lambda form: f"{form[0]}-{form[1]}")
def test_tokenizer_json_carries_the_whole_level(form):
    normalizer = Normalizer(form[0], level=form[1])
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.normalizer = normalizer.to_tokenizers()
    carried = tokenizers.Tokenizer.from_str(tokenizer.to_str()).normalizer
    for text in random_strings(normalizer, RANDOM_STRINGS):
        assert carried.normalize_str(text) == normalizer(text), ascii(text)


def test_tokenizer_json_normalizes_where_boli_is_not_installed(tmp_path):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.normalizer = Normalizer("ur").to_tokenizers()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    code = (
        "import sys, tokenizers; "
        "carried = tokenizers.Tokenizer.from_file(sys.argv[1]).normalizer; "
        "print(ascii(carried.normalize_str('\\u0643\\u062a\\u0627\\u0628'))); "
        "assert 'boli' not in sys.modules"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "tokenizer.json")]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.stdout.strip() == ascii("\u06a9\u062a\u0627\u0628"), ran.stderr


@pytest.mark.parametrize("tag", ["ur-Arab", "pa-Arab", "sd-Arab", "ps-Arab", "bal-Arab", "ur-Latn"])
def test_sentencepiece_carries_the_portable_rows(tag, tmp_path):
    portable = Normalizer(tag).portable()
    portable.to_sentencepiece_tsv(tmp_path / "rules.tsv")
    normalizer = sentencepiece.SentencePieceNormalizer(
        rule_tsv=str(tmp_path / "rules.tsv"), add_dummy_prefix=False, escape_whitespaces=False,
        remove_extra_whitespaces=False,
    )  # fmt: skip
    for text in random_strings(portable, RANDOM_STRINGS):
        assert normalizer.normalize(text) == portable(text), ascii(text)


def test_portable_rows_are_settled_after_one_pass():
    for tag in ("ur-Arab", "sd-Arab", "ps-Arab", "bal-Arab"):
        portable = Normalizer(tag).portable()
        for text in random_strings(portable, 500, seed=1):
            once = portable(text)
            assert portable(once) == once, ascii(text)


def test_a_normalizer_with_context_is_refused_by_name(tmp_path):
    with pytest.raises(ConfigError, match=r"n\.portable\(\)\.to_sentencepiece_tsv"):
        Normalizer("ps").to_sentencepiece_tsv(tmp_path / "rules.tsv")
    assert not list(tmp_path.iterdir())


def test_the_export_is_small_enough_to_be_read():
    steps = json.loads(Normalizer("ur").to_tokenizers().__getstate__())["normalizers"]
    assert len(steps) < 400
