"""Tokenizers from text on disk: what goes in, what comes out, what is refused and when."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sentencepiece
from tiny import run_python
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from boli.cli import main
from boli.commands.tokenizers import MAKERS
from boli.datasets import load_dataset
from boli.errors import ConfigError, DataError
from boli.normalization import Normalizer
from boli.tokenization import Made, load_tokenizer, parse_recipe, train_recipe
from boli.tokenization.mixing import Counted, shares_of
from boli.tokenization.recipes import CorpusSpec, LanguageSpec, SourceSpec, read_recipe
from boli.tokenization.sources import read_source
from boli.tokenization.words import WordCounter, cut_words

KAF, YEH, HEH = "\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER YEH}", "\N{ARABIC LETTER HEH}"
URDU, ROMAN = (
    [record.text for record in load_dataset("wallet-intents").train if record.tag == tag]
    for tag in ("ur-Arab", "ur-Latn")
)
DIRTY = [
    f"{KAF}تاب  \N{ZERO WIDTH NO-BREAK SPACE}پڑھ{YEH}", "\N{ARABIC LETTER ALEF ISOLATED FORM}ور", "  Yeh KYA hai?!",
    "5 rupees\nlao\t(jaldi)", "\N{GRINNING FACE} ok", "", " ", "ں" * 300, "haaaaaaaan bohaaaat",
]  # fmt: skip
ROOT = Path(__file__).parents[1]


def write_corpus(folder: Path) -> Path:
    """Write text in Urdu in both scripts, in four formats."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "urdu").mkdir()
    (folder / "urdu" / "a.txt").write_text("\n".join(URDU) + "\n", "utf-8")
    with gzip.open(folder / "urdu" / "b.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(URDU[:4]) + "\n")
    rows = [json.dumps({"said": line}) for line in ROMAN]
    (folder / "roman.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def recipe_of(**tokenizer: object) -> dict[str, object]:
    return {
        "tokenizer": {"name": "tiny", "size": 700, **tokenizer},
        "languages": {"ur-Arab": {}, "ur-Latn": {"weight": 0.5, "as_typed": 0.5}},
        "sources": [
            {"tag": "ur-Arab", "name": "urdu", "path": "urdu"},
            {"tag": "ur-Latn", "name": "roman", "path": "roman.jsonl", "format": "jsonl", "column": "said"},
        ],
    }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


Train = Callable[..., Made]


@pytest.fixture(scope="module")
def train(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Train:
    def run(**tokenizer: object) -> Made:
        folder = tmp_path_factory.mktemp("out") / "tiny"
        return train_recipe(parse_recipe(recipe_of(**tokenizer)), folder, root=corpus)

    return run


@pytest.fixture(scope="module")
def made(train: Train) -> Made:
    return train()


BARE = """
import json, sys
sys.modules["boli"] = None  # as if it were not installed
import sentencepiece
from tokenizers import Tokenizer
from transformers import AutoTokenizer
folder, texts = sys.argv[1], json.loads(sys.argv[2])
plain = Tokenizer.from_file(folder + "/tokenizer.json")
model = sentencepiece.SentencePieceProcessor(model_file=folder + "/tokenizer.model")
auto = AutoTokenizer.from_pretrained(folder, local_files_only=True)
print(json.dumps([[plain.encode(t).ids, auto(t).input_ids, [2, *model.encode(t), 3]] for t in texts]))
"""


@pytest.mark.parametrize(
    ("settings", "tag", "level"),
    [({}, "und", "encoding"), ({"kind": "unigram"}, "und", "encoding"),
     ({"normalizer": "ur", "level": "standard"}, "ur", "standard")],
)  # fmt: skip
def test_bare_files_read_dirty_text_as_boli_does_in_a_process_without_boli(
    train: Train, settings: dict[str, object], tag: str, level: str
) -> None:
    folder = train(**settings).folder
    through, carried = load_tokenizer(folder), Normalizer(tag, level=level)
    done = run_python(BARE, folder, json.dumps(DIRTY))
    assert done.returncode == 0, done.stderr
    for text, (plain, auto, model) in zip(DIRTY, json.loads(done.stdout), strict=True):
        assert plain == auto == through.encode(text).ids == through.encode(carried(text)).ids
        portable = carried.portable()(text)
        assert model == through.encode(text).ids or carried(text) != portable
        assert model == through.encode(portable).ids or carried(portable) != portable


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_decoding_gives_the_normalized_text_back(train: Train, kind: str) -> None:
    tokenizer, normalizer = load_tokenizer(train(kind=kind).folder), Normalizer("und", level="encoding")
    for text in (*DIRTY, "ਪੰਜਾਬੀ", "don't  stop ", "\N{ZERO WIDTH NON-JOINER}"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == normalizer(text)


def test_pieces_lie_where_they_came_from_in_the_raw_text(made: Made) -> None:
    raw = "\N{ZERO WIDTH NO-BREAK SPACE}\N{ARABIC LETTER ALEF ISOLATED FORM}ور  mera"
    encoding = load_tokenizer(made.folder).encode(raw, add_special_tokens=False)
    assert "".join(raw[start:end] for start, end in encoding.offsets) == raw[1:]


@pytest.mark.parametrize("kind", ["bpe", "unigram", "wordpiece"])
def test_the_same_text_gives_the_same_files_in_every_process(
    train: Train, corpus: Path, kind: str, tmp_path: Path
) -> None:
    settings = {"kind": kind, "size": 700 if kind != "wordpiece" else 450, "byte_fallback": kind != "wordpiece"}
    folder = train(**settings).folder
    code = (
        "import json, sys; from pathlib import Path; from boli.tokenization import parse_recipe, train_recipe;"
        "train_recipe(parse_recipe(json.loads(sys.argv[1])), Path(sys.argv[2]), root=Path(sys.argv[3]))"
    )
    done = run_python(code, json.dumps(recipe_of(**settings)), tmp_path / "again", corpus)
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in folder.iterdir())
    assert "tokenizer.json" in names
    one, two = ([(each / name).read_bytes() for name in names] for each in (folder, tmp_path / "again"))
    assert one == two


def test_the_configuration_records_level_and_rules(made: Made) -> None:
    record = json.loads((made.folder / "tokenizer_config.json").read_text("utf-8"))["boli"]
    neutral = Normalizer("und", level="encoding")
    assert (record["level"], record["rules_sha256"]) == ("encoding", neutral.signature)
    assert record["sentencepiece_rules_sha256"] == neutral.portable().signature


def test_the_size_is_exact_and_special_tokens_and_bytes_come_first(made: Made) -> None:
    tokenizer = load_tokenizer(made.folder)
    assert tokenizer.get_vocab_size() == made.pieces == 700
    assert [tokenizer.id_to_token(place) for place in (0, 4, 5, 260)] == ["[PAD]", "[MASK]", "<0x00>", "<0xFF>"]
    assert tokenizer.encode("<0x0A>", add_special_tokens=False).ids != [tokenizer.token_to_id("<0x0A>")]


def test_words_of_the_user_stay_whole_and_reserved_tokens_are_reserved(train: Train) -> None:
    folder = train(user_words=["easypaisa", "پانی"], special_tokens=["[USER]"], size=713).folder
    tokenizer = load_tokenizer(folder)
    assert tokenizer.encode("easypaisa پانی", add_special_tokens=False).tokens == ["▁easypaisa", "▁پانی"]
    assert tokenizer.token_to_id("[USER]") == 5
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    assert model.encode("easypaisa پانی", out_type=str) == ["▁easypaisa", "▁پانی"]
    auto = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    assert auto("[USER]", add_special_tokens=False).input_ids == [5]
    assert auto("kitab [MASK] hai").input_ids.count(auto.mask_token_id) == 1


def test_given_characters_have_a_piece_though_they_never_occur(train: Train) -> None:
    tokenizer = load_tokenizer(train(characters="\N{GRINNING FACE}").folder)
    assert tokenizer.encode("\N{GRINNING FACE}", add_special_tokens=False).tokens == ["▁", "\N{GRINNING FACE}"]


def test_a_word_of_the_user_that_cannot_be_one_piece_is_named(train: Train) -> None:
    with pytest.raises(ConfigError, match="user_words: 'a-b' cannot be one piece: it is cut into ▁a - b"):
        train(user_words=["a-b"])


def test_units_keep_apostrophes_joiners_marks_and_the_sindhi_words_together() -> None:
    joined = "گھر\N{ZERO WIDTH NON-JOINER}والا"
    text = f"sun'na {joined} ءَ \N{ARABIC SIGN SINDHI POSTPOSITION MEN}، 'x'"
    assert cut_words(text) == [
        "▁sun'na", f"▁{joined}", "▁ءَ", "▁\N{ARABIC SIGN SINDHI POSTPOSITION MEN}", "،", "▁'", "x", "'",
    ]  # fmt: skip


def test_temperature_gives_small_languages_a_share() -> None:
    found = {"ur-Arab": Counted(9, characters=1_000_000), "bal-Arab": Counted(9, characters=1_000)}
    both = {"ur-Arab": LanguageSpec(), "bal-Arab": LanguageSpec()}
    shares = [[round(one.share, 3) for one in shares_of(found, CorpusSpec(temperature=t), both)] for t in (1.0, 0.0)]
    assert shares == [[0.999, 0.001], [0.5, 0.5]]


def test_a_capped_source_gives_the_same_lines_for_a_seed_and_others_for_another(corpus: Path) -> None:
    source = SourceSpec("ur-Arab", "urdu", "urdu", max_characters=400)
    drawn = [[line for lines in read_source(source, corpus, {}, seed) for line in lines] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 300 < sum(map(len, drawn[0])) <= 400


def test_every_nth_line_is_left_out(corpus: Path) -> None:
    source = SourceSpec("ur-Arab", "urdu", "urdu/b.txt.gz", skip_every=2)
    assert [line for lines in read_source(source, corpus, {}, 0) for line in lines] == URDU[1:4:2]


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_renewing_with_the_same_rules_gives_the_same_files(train: Train, kind: str, tmp_path: Path) -> None:
    folder = train(kind=kind).folder
    assert main(["tokenizer", "renew", str(folder), "-o", str(tmp_path / "new")]) == 0
    assert {each.name: each.read_bytes() for each in (tmp_path / "new").iterdir()} == {
        each.name: each.read_bytes() for each in folder.iterdir()
    }


def test_a_data_set_is_a_source_too(tmp_path: Path) -> None:
    made = MAKERS["dataset"]("wallet-intents ur-Latn", tmp_path)
    assert made == ROMAN
    with pytest.raises(ConfigError, match="has no tag"):
        MAKERS["dataset"]("wallet-intents", tmp_path)


def test_rare_words_are_forgotten_where_memory_would_grow_without_bound() -> None:
    counter = WordCounter(limit=50)
    for block in range(100):
        counter.add([f"hai {number}x{block}" for number in range(40)])
        assert len(counter.counts) <= 50
    assert counter.counts["▁hai"] == 4000


def refused(folder: Path, corpus: Path, recipe: dict[str, object]) -> str:
    with pytest.raises((ConfigError, DataError)) as caught:
        train_recipe(parse_recipe(recipe), folder / "out", root=corpus)
    assert list(folder.iterdir()) == []
    return str(caught.value)


def test_an_empty_corpus_is_refused(tmp_path: Path) -> None:
    corpus, out = tmp_path / "in", tmp_path / "out"
    corpus.mkdir()
    out.mkdir()
    (corpus / "urdu").write_text("\n \n")
    (corpus / "roman.jsonl").write_text("")
    assert refused(out, corpus, recipe_of()).startswith("no text to learn a vocabulary from")


def test_a_language_without_text_is_refused(tmp_path: Path, corpus: Path) -> None:
    recipe = recipe_of()
    recipe["languages"] = {"ur-Arab": {}, "ur-Latn": {}, "sd-Arab": {}}
    assert refused(tmp_path, corpus, recipe).startswith("no text in sd-Arab, which the mix must have")


@pytest.mark.parametrize("kind", ["bpe", "unigram", "wordpiece"])
def test_a_vocabulary_larger_than_the_text_allows_is_refused(tmp_path: Path, corpus: Path, kind: str) -> None:
    recipe = recipe_of(size=30_000, kind=kind, byte_fallback=kind != "wordpiece")
    assert "larger than this text allows: it gives at most" in refused(tmp_path, corpus, recipe)
    recipe = recipe_of(size=9000, kind=kind, byte_fallback=kind != "wordpiece")
    assert "larger than this text allows" in refused(tmp_path, corpus, recipe)


def test_an_unreadable_file_in_the_middle_is_named_before_anything_is_counted(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in"), tmp_path / "out"
    out.mkdir()
    (corpus / "urdu" / "b.txt").write_bytes(b"salam\n\xff\xfe\n")
    told: list[str] = []
    with pytest.raises(DataError, match=r"b\.txt:2: byte 0xff"):
        train_recipe(parse_recipe(recipe_of()), out / "x", root=corpus, report=told.append)
    assert told == []
    (corpus / "urdu" / "b.txt").unlink()
    (corpus / "urdu" / "b.txt.gz").write_bytes((corpus / "urdu" / "b.txt.gz").read_bytes()[:-9])
    assert "ends too early" in refused(out, corpus, recipe_of())
    (corpus / "urdu" / "b.txt.gz").unlink()
    (corpus / "roman.jsonl").write_text('{"said": "x"}\n{"text": 1}\n')
    assert "roman.jsonl:2: no text under 'said'" in refused(out, corpus, recipe_of())


def test_missing_files_and_wrong_keys_are_named(tmp_path: Path, corpus: Path) -> None:
    recipe = recipe_of()
    recipe["sources"] = [{"tag": "ur-Arab", "name": "urdu", "path": "no/*.txt"}]
    assert "source 'urdu': nothing to read at" in refused(tmp_path, corpus, recipe)
    for key, value, said in (
        ("kind", "bpee", "no tokenizer kind 'bpee'"), ("level", "standrd", "did you mean 'standard'"),
        ("size", "x", "must be a whole number"), ("size", 200, "has no room beside 5 special tokens and 256 bytes"),
        ("coverage", 0.5, "coverage 0.5 is a share"), ("special_tokens", ["[PAD]"], "one is there twice"),
        ("normalizer", "urdoo", "no language 'urdoo'"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=said.replace("[", r"\[")):
            train_recipe(parse_recipe(recipe_of(**{key: value})), tmp_path / "out", root=corpus)
    with pytest.raises(ConfigError, match=r"no source 'romn'.*did you mean 'roman'"):
        parse_recipe(recipe_of()).without(["romn"])


def test_an_existing_folder_is_never_written_over(made: Made, corpus: Path) -> None:
    with pytest.raises(ConfigError, match="exists; give another folder"):
        train_recipe(parse_recipe(recipe_of()), made.folder, root=corpus)


def test_a_crash_while_writing_leaves_nothing(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("boli.tokenization.making.write_checksums", stop)
    with pytest.raises(KeyboardInterrupt):
        train_recipe(parse_recipe(recipe_of()), tmp_path / "out", root=corpus)
    assert list(tmp_path.iterdir()) == []


def test_the_command_trains_and_the_shipped_recipe_is_valid(
    corpus: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(
        '[tokenizer]\nname = "t"\nsize = 500\n[languages.ur-Arab]\n'
        '[[sources]]\ntag = "ur-Arab"\nname = "u"\npath = "urdu"\n'
    )
    assert main(["tokenizer", "train", str(config), "-o", str(tmp_path / "t"), "--root", str(corpus)]) == 0
    out, err = capfdbinary.readouterr()
    assert b"500 pieces in" in out
    assert b"share ur-Arab: 100.0 %" in err
    assert Tokenizer.from_file(str(tmp_path / "t" / "tokenizer.json")).get_vocab_size() == 500
    for path in sorted((ROOT / "scripts" / "configs").glob("tokenizer_*.toml")):
        assert read_recipe(path).tokenizer.size > 0
