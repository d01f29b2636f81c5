"""Gurmukhi and Shahmukhi: what a reader expects, and that nothing is lost."""

import time

import pytest

from boli.transliteration.gurmukhi import to_shahmukhi


@pytest.mark.parametrize(
    ("gurmukhi", "shahmukhi"),
    [
        ("ਪੰਜਾਬੀ", "پنجابی"),
        ("ਕੁੜੀਆਂ", "کڑیاں"),
        ("ਭਾਈ", "بھائی"),
        ("ਗਏ", "گئے"),
        ("ਪੜ੍ਹਾਈ", "پڑھائی"),
        ("ਗਿਆ", "گیا"),
        ("ਦੇਸ\u0a3c", "دیش"),
        ("ਦੇ\u0a36", "دیش"),
        ("ਸਾਹਿਬ", "صاحب"),
        ("ਹਾਲਤਾਂ", "حالتاں"),
        ("ਮਦੀਨਾ", "مدینہ"),
        ("ਪਿਅਾਰ", "پیار"),
        ("੧੨", "۱۲"),
    ],
)
def test_gurmukhi_words_are_written_in_shahmukhi(gurmukhi: str, shahmukhi: str) -> None:
    assert to_shahmukhi(gurmukhi) == shahmukhi


@pytest.mark.parametrize("text", ["", "hello, 12?", "سلام، کی حال اے؟", "🙂👨‍👩‍👧", "नमस्ते", "\ud800"])
def test_everything_that_is_not_gurmukhi_passes_untouched(text: str) -> None:
    assert to_shahmukhi(text) == text


def test_a_very_long_word_takes_no_time() -> None:
    start = time.perf_counter()
    assert len(to_shahmukhi("ਕਿ" * 20_000)) >= 20_000
    assert time.perf_counter() - start < 2
