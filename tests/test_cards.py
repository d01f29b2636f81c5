"""Every data set and every shipped weight has a card, and a card that hides something is refused."""

from importlib.resources import files
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from boli.datasets import audit_dataset, check_card, load_dataset
from boli.datasets.cards import SECTIONS, split_sections
from boli.datasets.heads import read_head, split_head
from boli.errors import DataError

ROOT = Path(__file__).parents[1]
DATA = Path(str(files("boli") / "data"))
CARDS = sorted(path for path in (ROOT / "data_cards").glob("*.md") if path.name != "TEMPLATE.md")
FOLDERS = sorted(path for path in (DATA / "datasets").iterdir() if path.is_dir())
WEIGHTS = sorted(path for kind in ("npz", "safetensors", "onnx") for path in (DATA / "models").rglob(f"*.{kind}"))

HEAD = """---
pretty_name: Tiny
license: cc0-1.0
language: [ur]
language_bcp47: [ur-Arab]
---
# Tiny
"""
CARD = HEAD + "".join(f"\n## {name}\n\nSaid.\n" for name in SECTIONS)


def write_card(folder: Path, text: str) -> Path:
    path = folder / "README.md"
    path.write_text(text, "utf-8")
    return path


def message_of(folder: Path, text: str) -> str:
    path = write_card(folder, text)
    with pytest.raises(DataError) as caught:
        check_card(path)
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.name)
def test_every_card_in_data_cards_says_all_that_a_card_must_say(path: Path) -> None:
    assert set(SECTIONS) <= set(check_card(path).sections)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_shipped_data_set_has_its_card_in_data_cards_too(folder: Path) -> None:
    listed = ROOT / "data_cards" / f"{folder.name}.md"
    assert check_card(folder).head == check_card(listed).head
    assert listed.read_bytes() == (folder / "README.md").read_bytes()


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.name)
def test_the_head_of_every_card_reads_the_same_with_a_yaml_library(path: Path) -> None:
    head, _ = split_head(path.read_text("utf-8").split("\n"), path)
    assert {key: as_lists(value) for key, value in read_head(head, path).items()} == yaml.safe_load("\n".join(head))


def test_every_shipped_weight_has_a_card_that_names_the_cards_of_its_data() -> None:
    for weight in WEIGHTS:
        card = weight.parent / "README.md"
        assert card.is_file(), f"{weight} has no README.md beside it"
        head = read_head(split_head(card.read_text("utf-8").split("\n"), card)[0], card)
        named = head.get("datasets", ())
        assert isinstance(named, tuple), f"{card}: datasets must be a list"
        assert named, f"{card}: the head has no datasets"
        missing = [name for name in named if not (ROOT / "data_cards" / f"{name}.md").is_file()]
        assert missing == [], f"{card}: no card in data_cards/ for {missing}"


def test_the_template_has_all_sections_in_order_and_a_readable_head() -> None:
    path = ROOT / "data_cards" / "TEMPLATE.md"
    head, body = split_head(path.read_text("utf-8").split("\n"), path)
    assert tuple(split_sections("\n".join(body), path)) == SECTIONS
    assert read_head(head, path)["pretty_name"] == "Name of the data set"


def test_an_unfilled_copy_of_the_template_is_refused(tmp_path: Path) -> None:
    template = (ROOT / "data_cards" / "TEMPLATE.md").read_text("utf-8")
    assert message_of(tmp_path, template) == (
        ": section '## Motivation' is empty; say it in a sentence, 'unknown' if it is unknown"
    )


def test_a_complete_card_is_read(tmp_path: Path) -> None:
    card = check_card(write_card(tmp_path, CARD))
    assert (card.name, card.licence, card.languages) == ("Tiny", "cc0-1.0", ("ur-Arab",))
    assert card == check_card(tmp_path)


def test_a_card_without_a_section_is_refused_by_name(tmp_path: Path) -> None:
    assert message_of(tmp_path, CARD.replace("## Consent", "## Concent")).startswith(": no section '## Consent'; ")


def test_a_heading_inside_a_code_fence_is_no_section(tmp_path: Path) -> None:
    fenced = CARD.replace("## Consent\n", "```\n## Consent\n```\n")
    assert message_of(tmp_path, fenced).startswith(": no section '## Consent'; ")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("license: cc0-1.0\n", "", ": the head has no 'license'; every card has: pretty_name, license, language, "),
        ("license:", "licence:", ": no key 'licence' in the head of a card; valid keys: pretty_name, license, "),
        ("license: cc0-1.0", "license: other", ": license is 'other' without a 'license_name'; name the licence"),
        ("[ur-Arab]", "[ur]", ": 'ur' in language_bcp47 is no tag with a script; write for example ur-Arab"),
        ("[ur-Arab]", "[sd-Arab]", ": language says ur, language_bcp47 sd-Arab; make them agree"),
        ("[ur-Arab]", "ur-Arab", ": 'language_bcp47' must be a list, got 'ur-Arab'; write 'language_bcp47: [ur-Arab]'"),
        ("Tiny", "[Tiny]", ": 'pretty_name' must be one text, got a list; write 'pretty_name: Tiny'"),
        ("cc0-1.0", "no", ':3: YAML does not read no as text; write it in quotes: "no"'),
        ("license: cc0-1.0", "license:", ":3: 'license' has no value; fill it in or delete the line"),
        ("license: cc0-1.0", "pretty_name: Two", ":3: key 'pretty_name' is there twice; keep one"),
        ("[ur]", "[ur", ":4: the list '[ur' has no ']'; close it on the same line, or write '- item' lines"),
        ("license: cc0-1.0", "license: {a: b}", ':3: YAML does not read {a: b} as text; write it in quotes: "{a: b}"'),
        ("license: cc0-1.0", "  nested: x", ":3: cannot read '  nested: x'; expected 'key: text', 'key: [a, b]', "),
        ("---\n# Tiny", "# Tiny", ":1: the head has no end; close it with a line '---'"),
        (
            "---\npretty",
            "pretty",
            ":1: expected '---' and then the head of the card; start from data_cards/TEMPLATE.md",
        ),
    ],
)
def test_a_wrong_head_is_refused_with_what_to_do(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert message_of(tmp_path, CARD.replace(old, new, 1)).startswith(expected)


def test_a_misspelt_key_of_the_head_gets_the_right_one_suggested(tmp_path: Path) -> None:
    assert message_of(tmp_path, CARD.replace("license:", "licence:", 1)).endswith("(did you mean 'license'?)")


def test_a_card_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(CARD.encode().replace(b"Tiny", b"Ti\xf1y", 1))
    with pytest.raises(DataError, match=r"README\.md:2: byte 0xf1 is not UTF-8; save the file as UTF-8$"):
        check_card(tmp_path)


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"README\.md: no such file; check the path$"):
        check_card(tmp_path)


@given(st.text(st.sampled_from("ab no1.0e:#-[]{},'\"&*!|>%@`~?_x=<\\"), max_size=8))
def test_whatever_the_head_reader_accepts_a_yaml_library_reads_the_same(value: str) -> None:
    for lines in ([f"key: {value}"], [f"key: [{value}]"], ["key:", f"- {value}"]):
        try:
            head = read_head(lines, Path("README.md"))
        except DataError:
            continue
        assert yaml.safe_load("\n".join(lines)) == {key: as_lists(value) for key, value in head.items()}


def test_the_counts_on_the_wallet_card_are_those_of_the_files() -> None:
    dataset = load_dataset("wallet-intents")
    audit, lines = audit_dataset(dataset), dataset.card.sections["Composition"].splitlines()
    for tag in dataset.card.languages:
        parts = [audit.count_rows(tag=tag, split=split) for split in ("train", "dev", "test")]
        slotted = sum(
            bool(row.slots) for name in ("train", "dev", "test") for row in dataset.split(name) if row.tag == tag
        )
        assert f"| {tag} | {' | '.join(map(str, [*parts, sum(parts), slotted]))} |" in lines


def test_the_wallet_card_says_plainly_that_nobody_has_reviewed_it() -> None:
    text = (DATA / "datasets" / "wallet-intents" / "README.md").read_text("utf-8")
    assert "**Machine-written, unreviewed by native speakers.**" in text
    assert "no evidence of\naccuracy in the field" in text


def as_lists(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)
