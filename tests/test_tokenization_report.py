"""Measuring tokenizers, lengthening them, and the shipped one."""

import json
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from texts import texts_for
from tiny import run_python
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import BertConfig, BertForMaskedLM

from boli.cli import main
from boli.errors import ConfigError, ModelError, ModelNotFound
from boli.models import verify_checksums
from boli.normalization import Normalizer
from boli.tokenization import extend_tokenizer, load_tokenizer, save_tokenizer, shipped_tokenizers, train_tokenizer
from boli.tokenization.report import count_texts, open_cutter
from boli.tokenization.storage import find_tokenizer
from boli.tokenization.words import WordCounter

ENGLISH = ["the house is mine", "this is the house", "he is at home and she is not", "the man and the house"] * 20
ROMAN = ["mera balance batao", "balance check karo", "mera paisa wapas karo", "batao mera paisa"] * 20
SHIPPED = find_tokenizer("boli-32k").parent
NEUTRAL = Normalizer("und", level="encoding")


def base_of(kind: str) -> Tokenizer:
    """Train a small tokenizer as others do: byte-level BPE, Unigram, WordPiece."""
    if kind == "bpe":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        letters = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=330, initial_alphabet=letters, show_progress=False)
    elif kind == "unigram":
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.decoder = decoders.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=60, unk_token="<unk>", special_tokens=["<unk>"], initial_alphabet=list("abcdefghijklmnoprstwuy"),
            show_progress=False,
        )  # fmt: skip
    else:
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=90, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator([*ENGLISH, "abcdefghijklmnoprstwuy", "y b k l p w o c"], trainer)
    return tokenizer


def counts_of(lines: list[str]) -> dict[str, int]:
    counter = WordCounter()
    counter.add(lines)
    return counter.counts


@pytest.mark.parametrize("kind", ["bpe", "unigram", "wordpiece"])
def test_a_longer_tokenizer_cuts_ours_less_and_the_base_languages_no_more(kind: str) -> None:
    base = base_of(kind)
    extension = extend_tokenizer(base, counts_of(ROMAN), 40, NEUTRAL.to_tokenizers())
    longer = extension.tokenizer
    assert longer.get_vocab_size() == base.get_vocab_size() + len(extension.parts)
    for line in set(ENGLISH):
        assert len(longer.encode(line).ids) <= len(base.encode(line).ids)
    before, after = (sum(len(one.encode(line).ids) for line in ROMAN) for one in (base, longer))
    assert after < 0.6 * before
    for new, old in extension.parts.items():
        assert max(old) < extension.base_size <= new
        if kind != "wordpiece":
            assert "".join(base.id_to_token(part) for part in old) == longer.id_to_token(new)
    assert Tokenizer.from_str(longer.to_str()).encode(ROMAN[0]).ids == longer.encode(ROMAN[0]).ids


def test_the_advice_makes_a_model_as_long_with_means_of_old_embeddings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = extend_tokenizer(base_of("bpe"), counts_of(ROMAN), 10)
    (tmp_path / "parts.json").write_text(json.dumps({str(new): old for new, old in extension.parts.items()}))
    monkeypatch.chdir(tmp_path)
    config = BertConfig(
        vocab_size=extension.base_size, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )  # fmt: skip
    model = BertForMaskedLM(config)
    exec(extension.advice(), {"model": model})
    table = model.get_input_embeddings().weight
    new, old = next(iter(extension.parts.items()))
    assert len(table) == extension.base_size + 10
    assert torch.allclose(table[new], table[list(old)].mean(0))


def test_the_command_extends_and_says_how_to_resize(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    base = base_of("bpe")
    base.save(str(tmp_path / "tokenizer.json"))
    size = base.get_vocab_size() + 12
    (tmp_path / "roman.txt").write_text("\n".join(ROMAN))
    config = tmp_path / "more.toml"
    config.write_text(
        '[tokenizer]\nname = "more"\nsize = 12\n[languages.ur-Latn]\n[[sources]]\ntag = "ur-Latn"\nname = "r"\n'
        'path = "roman.txt"\n'
    )
    out = tmp_path / "longer"
    where = ["-o", str(out), "--root", str(tmp_path), "--extend", str(tmp_path)]
    assert main(["tokenizer", "train", str(config), *where]) == 0
    assert b"model.resize_token_embeddings(%d, mean_resizing=False)" % size in capfdbinary.readouterr().out
    assert load_tokenizer(out).get_vocab_size() == size
    assert len(json.loads((out / "parts.json").read_text())) == 12


def test_json_model_and_vocabulary_are_measured_side_by_side(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = base_of("wordpiece").get_vocab()
    (tmp_path / "vocab.txt").write_text("\n".join(sorted(words, key=lambda word: words[word])) + "\n")
    (tmp_path / "roman.txt").write_text("\n".join(ROMAN[:8]))
    models_given = ["boli-32k", str(SHIPPED / "tokenizer.model"), str(tmp_path / "vocab.txt")]
    texts = ["--texts", f"ur-Latn={tmp_path / 'roman.txt'}", "--samples", "50"]
    assert main(["tokenizer", "report", *models_given, *texts, "--plot", str(tmp_path / "plot.png")]) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["tokenizer", "boli-32k", "tokenizer.model", "vocab.txt"]
    assert lines[1].split()[1:] == lines[2].split()[1:]
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert main(["tokenizer", "report", "boli-32k", *texts, "--json"]) == 0
    found = json.loads(capfdbinary.readouterr().out)[0]["languages"][0]
    assert (found["words"], found["texts"]) == (26, 8)
    assert found["tokens_per_word_interval"][0] <= found["tokens_per_word"] <= found["tokens_per_word_interval"][1]


def test_counts_are_those_that_one_counts_by_hand() -> None:
    tokenizer = train_tokenizer(["salam dunya"] * 9, size=40)
    counts, used = count_texts(open_cutter_of(tokenizer), ["salam dunya, \N{GREEK SMALL LETTER ALPHA}"])
    assert counts[0]._asdict() == {
        "words": 3, "tokens": 5, "characters": 14, "size": 15, "whole": 2, "unknown": 2, "bytes_alone": 0,
    }  # fmt: skip
    assert used == {"▁salam", "▁dunya", "[UNK]", "▁"}


def open_cutter_of(tokenizer: Tokenizer):  # type: ignore[no-untyped-def]
    from boli.tokenization.report import JsonCutter

    return JsonCutter(tokenizer)


@pytest.mark.parametrize("name", ["no.model", "no/vocab.txt", "no/tokenizer.json"])
def test_a_tokenizer_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ModelNotFound, match=f"no tokenizer at {name}"):
        open_cutter(name)


def test_what_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.model").write_bytes(b"x")
    (tmp_path / "vocab.txt").write_text("a\nb\n")
    with pytest.raises(ModelError, match="is no SentencePiece model"):
        open_cutter(tmp_path / "x.model")
    with pytest.raises(ModelError, match=r"has no \[UNK\]"):
        open_cutter(tmp_path / "vocab.txt")
    with pytest.raises(ModelNotFound, match=r"no tokenizer 'boli-23k'.*did you mean 'boli-32k'"):
        load_tokenizer("boli-23k")


def test_texts_need_a_tag(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["tokenizer", "report", "boli-32k", "--texts", "news.txt"]) == 2
    assert b"expected TAG=PATH" in capfdbinary.readouterr().err


def test_a_changed_normalizer_is_refused_and_other_rules_are_told(tmp_path: Path) -> None:
    normalizer = Normalizer("ur")
    tokenizer = train_tokenizer(ROMAN, size=100, normalizer=normalizer.to_tokenizers())
    save_tokenizer(tokenizer, tmp_path, max_tokens=64, carried=normalizer)
    assert load_tokenizer(tmp_path).encode("mera").ids == tokenizer.encode("mera").ids
    config = tmp_path / "tokenizer_config.json"
    other = train_tokenizer(ROMAN, size=100, normalizer=NEUTRAL.to_tokenizers())
    save_tokenizer(other, tmp_path, max_tokens=64, carried=normalizer)
    config.write_text(config.read_text().replace(normalizer.signature, "0" * 64))
    with pytest.warns(UserWarning, match="are not those of this boli"):
        load_tokenizer(tmp_path)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(Regex(" "), "▁")])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelError, match="carries another normalizer than"):
        load_tokenizer(tmp_path)


def test_no_pieces_to_add_is_refused() -> None:
    with pytest.raises(ConfigError, match="0 new pieces"):
        extend_tokenizer(base_of("bpe"), counts_of(ROMAN), 0)


SHIPPED_BARE = """
import json, sys
sys.modules["boli"] = None
from transformers import AutoTokenizer
import sentencepiece
texts = json.loads(sys.argv[2])
auto = AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True)
model = sentencepiece.SentencePieceProcessor(model_file=sys.argv[1] + "/tokenizer.model")
print(json.dumps([[auto(text, add_special_tokens=False).input_ids, model.encode(text)] for text in texts]))
"""


def test_the_shipped_files_read_dirty_text_without_boli() -> None:
    kaf = "\N{ARABIC LETTER KAF}"
    dirty = f"\N{ZERO WIDTH NO-BREAK SPACE}{kaf}تاب \N{ARABIC LETTER ALEF ISOLATED FORM}ور"
    texts = [dirty, "  Yeh   kya?", "بولی،ٻولي", "ਪੰਜਾਬ"]
    done = run_python(SHIPPED_BARE, SHIPPED, json.dumps(texts))
    assert done.returncode == 0, done.stderr
    tokenizer = load_tokenizer("boli-32k")
    for text, (auto, model) in zip(texts, json.loads(done.stdout), strict=True):
        assert auto == model == tokenizer.encode(text, add_special_tokens=False).ids
        assert auto == tokenizer.encode(NEUTRAL(text), add_special_tokens=False).ids
        assert tokenizer.decode(auto) == NEUTRAL(text)


@cache
def shipped() -> Tokenizer:
    return load_tokenizer("boli-32k")


@settings(max_examples=150, deadline=None)
@given(texts_for(NEUTRAL, surrogates=False))
def test_the_shipped_tokenizer_gives_any_text_back_normalized(text: str) -> None:
    tokenizer = shipped()
    assert tokenizer.decode(tokenizer.encode(text).ids) == NEUTRAL(text)


def test_the_shipped_tokenizer_is_what_its_card_says() -> None:
    assert shipped_tokenizers() == ("boli-32k",)
    tokenizer, card = load_tokenizer("boli-32k"), (SHIPPED / "README.md").read_text("utf-8")
    assert tokenizer.get_vocab_size() == 32_000
    record = json.loads((SHIPPED / "tokenizer_config.json").read_text("utf-8"))["boli"]
    assert record["rules_sha256"][:12] in card
    assert record["level"] == "encoding"
    verify_checksums(SHIPPED)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("میں نے کتاب پڑھی", ["▁میں", "▁نے", "▁کتاب", "▁پڑھی"]),
        ("mera balance check karo", ["▁mera", "▁balance", "▁check", "▁karo"]),
    ],
)
def test_common_words_are_one_piece_each(text: str, pieces: list[str]) -> None:
    assert shipped().encode(text, add_special_tokens=False).tokens == pieces
