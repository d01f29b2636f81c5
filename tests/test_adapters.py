"""A normalizer in other people's tools, and text at the limits."""

import pickle
import random
import subprocess
import sys
import unicodedata

import pytest

from boli.normalization import Normalizer
from boli.normalization.characters import compose

KAF, KEHEH = "\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER KEHEH}"


def test_datasets_fingerprints_a_normalizer_by_its_rules():
    fingerprint = pytest.importorskip("datasets.fingerprint").Hasher.hash
    used = Normalizer("ur")
    used.batch([KAF, KAF])
    assert fingerprint(used) == fingerprint(Normalizer("ur"))
    assert fingerprint(used) != fingerprint(Normalizer("ur", level="search"))
    assert fingerprint(used) != fingerprint(Normalizer("ur", digits="ascii"))


def test_the_fingerprint_is_the_same_in_another_process():
    pytest.importorskip("datasets")
    code = "from datasets.fingerprint import Hasher; import boli; print(Hasher.hash(boli.Normalizer('sd')))"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout != ""


@pytest.mark.parametrize("made", [Normalizer("ps"), Normalizer("ps").portable(), Normalizer("und", level="encoding")])
def test_a_pickled_normalizer_does_the_same(made):
    again = pickle.loads(pickle.dumps(made))
    assert again.signature == made.signature
    assert again(KAF + "\ufef3") == made(KAF + "\ufef3")


def test_a_pandas_column_goes_through_batch():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": [KAF, "a"]})
    assert frame.assign(text=Normalizer("ur").batch(frame["text"]))["text"].tolist() == [KEHEH, "a"]


BIDI = "\u202b" + KAF + "abc\u202c"
ODD = ["\ud800" + KAF, KAF + "\udfff", "\0", "\u0378", "\U000e0fff", BIDI, "\ufdd0" + KAF, "\uffff"]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_characters_are_no_exception_and_stay(text):
    normalizer = Normalizer("ur")
    kept = [c for c in text if c not in "\u202b\u202c"]
    assert normalizer(text) == "".join(kept).replace(KAF, KEHEH)
    assert normalizer.batch([text, "x"])[0] == normalizer(text)


@pytest.mark.parametrize("level", ["encoding", "visual", "standard", "search"])
def test_a_thousand_marks_on_a_letter_and_a_long_line_are_settled(level):
    normalizer = Normalizer("ur", level=level)
    marked, addresses = KAF + "\u064e\u0651" * 500, "www. " + "w" * 100_000
    many = KAF + "\u0651\u0650\u0654" * 30_000, "\u200c" * 50_000 + "\u200d" * 50_000
    for text in (marked, addresses, *many, f"{KAF}\u064e " * 5_000, KAF * 20_000, " " * 20_000, "\ufd3f" * 5_000):
        once = normalizer(text)
        assert normalizer(once) == once == normalizer.batch([text, "x"])[0]


def test_hundreds_of_marks_in_a_row_compose_as_a_few_do():
    chooser = random.Random(0)
    marks = ["\u064b", "\u064e", "\u0650", "\u0651", "\u0653", "\u0654", "\u0655", "\u0670", "\u0301", "\u0344", KAF]
    for _ in range(50):
        text = "".join(chooser.choices(marks, k=200))
        assert compose(text) == unicodedata.normalize("NFC", text), ascii(text)
