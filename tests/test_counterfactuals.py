"""Counterfactual pairs differ in one thing alone, and in nothing that may change the answer."""

import json
from pathlib import Path

import pytest
import tiny

from boli.cli import main
from boli.datasets import Record, load_dataset
from boli.datasets.counterfactuals import KINDS, Counterfactual, make_counterfactuals
from boli.datasets.phrases import script_of
from boli.datasets.sealing import is_sealed, seal_file
from boli.datasets.tables import read_communities, read_places, read_variants
from boli.errors import ConfigError
from boli.normalization import Normalizer
from boli.training.extras import read_pairs


@pytest.fixture(scope="module")
def pairs() -> tuple[Counterfactual, ...]:
    dataset = load_dataset("wallet-intents")
    return make_counterfactuals((*dataset.train, *dataset.dev, *dataset.test))


def others(text: str, tag: str, kind: str) -> list[str]:
    return [pair.other for pair in make_counterfactuals([Record(text, tag, "x")], [kind])]


def words_that_differ(pair: Counterfactual) -> int:
    one, other = pair.text.split(), pair.other.split()
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else 99


def test_every_kind_but_dialect_is_found_in_the_shipped_set(pairs: tuple[Counterfactual, ...]) -> None:
    assert {pair.kind for pair in pairs} == set(KINDS) - {"dialect"}
    for script in ("Arab", "Latn"):
        assert {pair.kind for pair in pairs if script_of(pair.tag) == script} >= {
            "name-gender",
            "name-community",
            "place",
        }


def test_no_pair_is_of_one_text_twice(pairs: tuple[Counterfactual, ...]) -> None:
    assert all(pair.text != pair.other for pair in pairs)
    assert len(set(pairs)) == len(pairs)


def test_labels_are_those_of_the_rows(pairs: tuple[Counterfactual, ...]) -> None:
    dataset = load_dataset("wallet-intents")
    labels = {(row.text, row.tag): row.label for row in (*dataset.train, *dataset.dev, *dataset.test)}
    assert all(labels[pair.text, pair.tag] == pair.label for pair in pairs)
    assert all(labels[pair.other, pair.other_tag] == pair.label for pair in pairs if pair.kind == "script")


def test_a_respelled_text_differs_in_one_word(pairs: tuple[Counterfactual, ...]) -> None:
    assert {words_that_differ(pair) for pair in pairs if pair.kind == "spelling"} == {1}


def test_look_alikes_are_the_same_text_at_level_standard(pairs: tuple[Counterfactual, ...]) -> None:
    for pair in pairs[:: 1 if len(pairs) < 100 else 5]:
        if pair.kind == "letters":
            normalize = Normalizer(pair.tag)
            assert normalize(pair.text) == normalize(pair.other)


def test_pairs_of_scripts_are_of_one_template_and_language(pairs: tuple[Counterfactual, ...]) -> None:
    found = [pair for pair in pairs if pair.kind == "script"]
    assert all(pair.tag.split("-")[0] == pair.other_tag.split("-")[0] and pair.tag != pair.other_tag for pair in found)
    assert len(found) == 3687


@pytest.mark.parametrize(
    ("text", "tag", "before", "after"),
    [
        ("میں پیسے بھیج رہی ہوں", "ur-Arab", "رہی ہوں", "رہا ہوں"),
        ("میں پیسے بھیجتا ہوں", "ur-Arab", "تا ہوں", "تی ہوں"),
        ("main kal aaunga", "ur-Latn", "aaunga", "aaungi"),
        ("مان چاهيان ٿي", "sd-Arab", "ٿي", "ٿو"),
    ],
)
def test_the_verb_tells_who_speaks(text: str, tag: str, before: str, after: str) -> None:
    assert others(text, tag, "speaker-gender") == [text.replace(before, after)]


@pytest.mark.parametrize(
    ("text", "tag", "kind"),
    [
        ("فیصل آباد وچ برانچ", "pa-Arab", "name-gender"),
        ("بے نظیر پروگرام", "ur-Arab", "name-gender"),
        ("زه په دیر کې یم", "ps-Arab", "speaker-gender"),
        ("balance batao", "ur-Latn", "place"),
        ("ok", "en-Latn", "name-gender"),
        ("بیلنس", "ur-Arab", "spelling"),
        ("balance", "ur-Latn", "letters"),
    ],
)
def test_what_cannot_be_swapped_gives_no_pair(text: str, tag: str, kind: str) -> None:
    assert others(text, tag, kind) == []


def test_a_whole_name_is_swapped_with_its_first_letter() -> None:
    (other,) = others("Mahesh Kumar ko 500 bhejo", "ur-Latn", "name-gender")
    assert other.endswith(" ko 500 bhejo")
    assert other[0].isupper()
    assert "umar" not in other.split()[0]
    assert len(other.split()) == 4


def test_a_name_of_another_community_has_the_same_gender() -> None:
    women = {name for entry in read_communities() if entry.gender == "f" for name in entry.roman}
    muslims = {name for entry in read_communities() if entry.community == "Muslim" for name in entry.roman}
    (other,) = others("fatima ko bhejo", "ur-Latn", "name-community")
    assert other.split()[0] in women - muslims


def test_a_place_becomes_one_of_another_province() -> None:
    (other,) = others("lahore mein agent", "ur-Latn", "place")
    punjab = {name for place in read_places() if place.province == "Punjab" for name in place.roman}
    assert other.removesuffix(" mein agent") not in punjab


def test_names_are_written_in_the_letters_of_the_language() -> None:
    (other,) = others("علي کي موڪليو", "sd-Arab", "name-gender")
    assert Normalizer("sd")(other) == other


def test_dialects_of_one_template_are_paired() -> None:
    rows = [
        Record("one", "pa-Arab", "x", template="t1", dialect="majhi"),
        Record("two", "pa-Arab", "x", template="t1", dialect="pothwari"),
        Record("three", "pa-Arab", "x", template="t1"),
        Record("four", "pa-Latn", "x", template="t1", dialect="pothwari"),
        Record("five", "pa-Arab", "y", template="t1", dialect="pothwari"),
    ]
    assert [pair[:5] for pair in make_counterfactuals(rows, ["dialect"])] == [
        ("one", "pa-Arab", "two", "pa-Arab", "dialect")
    ]
    assert [pair[:5] for pair in make_counterfactuals(rows, ["script"])] == [
        ("two", "pa-Arab", "four", "pa-Latn", "script")
    ]


def test_the_same_seed_gives_the_same_pairs_whatever_else_is_asked_for() -> None:
    rows = load_dataset("wallet-intents").test[:80]
    every = make_counterfactuals(rows, seed=3)
    assert [pair for pair in every if pair.kind == "place"] == list(make_counterfactuals(rows, ["place"], seed=3))
    assert every != make_counterfactuals(rows, seed=4)


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no kind 'plase' of pair; .*did you mean 'place'"):
        make_counterfactuals([], ["plase"])


def test_the_lists_have_both_scripts_and_no_name_twice() -> None:
    names = read_communities()
    assert all(name.arabic and name.roman for name in names)
    assert len({name.arabic for name in names}) == len(names)
    assert all(len(variant.before) <= 2 for variant in read_variants())


def test_the_command_writes_what_training_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "pairs.jsonl"
    assert (
        main(["data", "counterfactuals", "wallet-intents", "-o", str(out), "--kind", "place", "--kind", "script"]) == 0
    )
    read = read_pairs(out)
    assert {pair.kind for pair in read} == {"place", "script"}
    assert f"wrote {out}: {len(read)} pairs of 1,740 rows (place " in capsys.readouterr().out
    assert "label" in json.loads(out.read_text().splitlines()[0])
    assert main(["data", "counterfactuals", "wallet-intents", "-o", str(out), "--split", "tset"]) == 2
    assert "choose from: train, dev, test, all" in capsys.readouterr().err


def test_pairs_of_sealed_rows_are_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOLI_KEY", "ab" * 32)
    data = tiny.write_data(tmp_path / "data")
    seal_file(data / "test.jsonl", b"\xab" * 32, remove=True)
    out = tmp_path / "pairs.jsonl"
    assert main(["data", "counterfactuals", str(data), "-o", str(out)]) == 0
    assert is_sealed(out)
    assert read_pairs(out)
