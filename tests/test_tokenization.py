"""Tokenizers: what they carry, what they keep, what they refuse."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import run_python
from transformers import AutoTokenizer

from boli.datasets import load_dataset
from boli.errors import ConfigError, DataError, ModelError, ModelNotFound
from boli.pipeline.texts import TextPath, neutral_normalizer
from boli.tokenization import KINDS, SPECIAL_TOKENS, load_tokenizer, report_tokenizer, save_tokenizer, train_tokenizer

ALEF_ISOLATED = "\N{ARABIC LETTER ALEF ISOLATED FORM}"
LINES = ["salam dunya", "salam dost", "paise bhejo", "balance batao"] * 10


@pytest.fixture(scope="module")
def texts() -> list[str]:
    records = load_dataset("wallet-intents").train
    return TextPath("standard").prepare([each.text for each in records], [each.tag for each in records])


def test_a_bare_file_reads_dirty_text_as_boli_does(tmp_path: Path, texts: list[str]) -> None:
    tokenizer = train_tokenizer(texts, size=1000, normalizer=neutral_normalizer().to_tokenizers())
    save_tokenizer(tokenizer, tmp_path, max_tokens=64)
    dirty = f"{ALEF_ISOLATED}\N{ZERO WIDTH NO-BREAK SPACE} paise"
    code = (
        "import sys; from tokenizers import Tokenizer; assert 'boli' not in sys.modules;"
        "print(Tokenizer.from_file(sys.argv[1]).encode(sys.argv[2]).ids)"
    )
    done = run_python(code, tmp_path / "tokenizer.json", dirty)
    clean = neutral_normalizer()(dirty)
    assert clean != dirty
    assert json.loads(done.stdout) == tokenizer.encode(clean).ids == tokenizer.encode(dirty).ids


def test_bpe_gives_the_same_file_in_every_process() -> None:
    code = (
        "import hashlib, sys; from boli.tokenization import train_tokenizer;"
        "lines = sys.argv[1].split('|') * 10;"
        "print(hashlib.sha256(train_tokenizer(lines, kind='bpe', size=80).to_str().encode()).hexdigest())"
    )
    here = train_tokenizer(LINES[:4] * 10, kind="bpe", size=80).to_str()
    done = run_python(code, "|".join(LINES[:4]))
    assert done.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_transformers_reads_the_folder_and_gives_the_same_ids(tmp_path: Path, texts: list[str]) -> None:
    tokenizer = train_tokenizer(texts, size=1000, normalizer=neutral_normalizer().to_tokenizers())
    save_tokenizer(tokenizer, tmp_path, max_tokens=64)
    loaded = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert loaded("mera balance batao").input_ids == tokenizer.encode("mera balance batao").ids
    assert (loaded.pad_token_id, loaded.model_max_length) == (0, 64)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_special_tokens_at_their_place_and_within_the_size(kind: str, texts: list[str]) -> None:
    tokenizer = train_tokenizer(texts, kind=kind, size=500)
    assert [tokenizer.id_to_token(place) for place in range(5)] == list(SPECIAL_TOKENS)
    assert tokenizer.get_vocab_size() <= 500


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_decoding_gives_the_text_back(kind: str, texts: list[str]) -> None:
    tokenizer = train_tokenizer(texts, kind=kind, size=900)
    for text in texts[::97]:
        assert tokenizer.decode(tokenizer.encode(text).ids) == " ".join(text.split())


def test_offsets_point_into_the_raw_text(texts: list[str]) -> None:
    tokenizer = train_tokenizer(texts, size=900, normalizer=neutral_normalizer().to_tokenizers())
    raw = f"{ALEF_ISOLATED} paise bhejo"
    encoding = tokenizer.encode(raw)
    pieces = [raw[start:end].strip() for start, end in encoding.offsets]
    assert "".join(pieces) == raw.replace(" ", "")


def test_sindhi_words_that_unicode_calls_symbols_are_words(texts: list[str]) -> None:
    sign = "\N{ARABIC SIGN SINDHI POSTPOSITION MEN}"
    tokenizer = train_tokenizer([f"کاتي {sign}"] * 20, size=60)
    assert tokenizer.encode(f"کاتي {sign}").tokens[-2] == f"▁{sign}"


def test_the_report_counts_words_tokens_and_unknown_pieces() -> None:
    tokenizer = train_tokenizer(LINES, size=200)
    scores = report_tokenizer(tokenizer, ["salam dunya", "\N{GREEK SMALL LETTER ALPHA}"], ["ur-Latn", "el-Grek"])
    assert [(score.group, score.words, score.tokens) for score in scores] == [
        ("el-Grek", 1, 2), ("ur-Latn", 2, 2), ("all", 3, 4),
    ]  # fmt: skip
    assert [score.unknown_share for score in scores] == [0.5, 0.0, 0.25]


@pytest.mark.parametrize("lines", [[], ["", "  ", "\n"]])
def test_an_empty_corpus_is_refused(lines: list[str]) -> None:
    with pytest.raises(DataError, match="no text to learn a vocabulary from"):
        train_tokenizer(lines, size=100)


def test_an_unreadable_line_in_the_middle_stops_the_training() -> None:
    def stream() -> Iterator[str]:
        yield "salam"
        raise DataError("corpus.txt:2: not UTF-8")

    with pytest.raises(DataError, match=r"corpus\.txt:2"):
        train_tokenizer(stream(), size=100)


def test_a_misspelt_kind_is_named() -> None:
    with pytest.raises(ConfigError, match=r"choose from: bpe, unigram, wordpiece \(did you mean 'unigram'\?\)"):
        train_tokenizer(LINES, kind="unigrm", size=100)


def test_a_size_without_room_for_pieces_is_refused() -> None:
    with pytest.raises(ConfigError, match="a vocabulary of 5 has no room"):
        train_tokenizer(LINES, size=5)


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no tokenizer at"):
        load_tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"version"')
    with pytest.raises(ModelError, match="is damaged"):
        load_tokenizer(tmp_path / "tokenizer.json")
