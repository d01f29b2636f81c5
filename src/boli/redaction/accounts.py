"""Account, wallet and transaction numbers: nothing in them tells what they are, so a word has to stand beside them."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from boli.redaction.lines import Found, Line, digits_of
from boli.redaction.tables import Cues, any_of, make_cues, read_words

_VALUE = (
    "(?P<value>(?:[a-z]{1,6}[\\-#/]?)?\\d{1,24}"
    "(?:\u200c?[\\-/]\u200c?\\d{1,24}|[ \u200c]{1,2}\\d{3,24}|\u200c\\d{1,24}){0,8}"
    "|(?:[a-z]{1,6}\\d{1,20}){1,6})(?![\\w@])"
)
_GAP = "[ :#.\\-=\u200c,(]{0,5}"
_NOT_STOP = "[^\\d\n!?,\\w.:\ue000\N{ARABIC FULL STOP}]"
_MOBILE = re.compile("(?:0|92|0092|920)3\\d{9}")
_CARD_FORM = re.compile("\\d{5}[ \\-]{1,3}\\d{7}[ \\-]{1,3}\\d")

_STRONG, _WEAK = 5, 8
"""Digits that an account number has at least, behind "account number" and behind "account"."""

_LONGEST = 24


class _Rules(NamedTuple):
    """Patterns made from the tables: cues with a number behind them, and a number with cues behind it."""

    strong: Cues
    weak: Cues
    before: re.Pattern[str]
    money_after: re.Pattern[str]
    money_before: re.Pattern[str]


def find_accounts(line: Line) -> Iterator[Found]:
    """Yield account, wallet and customer numbers.

    "account number" may stand some words before the number, or behind it; "account" alone only right before it.
    Amounts of money are none; mobile numbers are left to the phones, and identity cards to theirs.

    >>> [one.value for one in find_accounts(Line.of("account number ali ka 0011223344 hai"))]
    ['0011223344']
    """
    rules = _account_rules()
    for cues, least in ((rules.strong, _STRONG), (rules.weak, _WEAK)):
        for match in cues.find(line):
            yield from _judge(line.folded, match, least)
    if not rules.strong.heads.isdisjoint(line.words):
        for match in rules.before.finditer(line.folded):
            yield from _judge(line.folded, match, _WEAK, is_behind_cue=False)


def find_transactions(line: Line) -> Iterator[Found]:
    """Yield transaction and reference numbers right behind a word for them.

    >>> [one.value for one in find_transactions(Line.of("tid: 451278903341"))]
    ['451278903341']
    """
    for match in _transaction_cues().find(line):
        yield from _judge(line.folded, match, _STRONG, any_number=True)


def _judge(
    folded: str, match: re.Match[str], least: int, *, any_number: bool = False, is_behind_cue: bool = True
) -> Iterator[Found]:
    start, end = match.span("value")
    text, rules = folded[start:end], _account_rules()
    digits = digits_of(text)
    if not least <= len(digits) <= _LONGEST or rules.money_after.match(folded, end):
        return
    if is_behind_cue and rules.money_before.search(folded, max(0, start - 12), start):
        return
    if any_number or not (_MOBILE.fullmatch(digits) or _CARD_FORM.fullmatch(text)):
        yield Found(start, end, "".join(filter(str.isalnum, text)))


@cache
def _account_rules() -> _Rules:
    accounts, numbers = read_words("accounts"), read_words("numbers")
    names = [*accounts["base"], *accounts["strong"]]
    link, word, currency = any_of(numbers["link"]), any_of(numbers["word"]), any_of(numbers["currency"])
    number = f"{_GAP}(?:{link}{_GAP}){{0,2}}(?:{word}|#)"
    words = f"(?:{_NOT_STOP}{{1,3}}[^\\W\\d]{{1,20}}(?!\\w)){{0,6}}{_NOT_STOP}{{1,3}}"
    return _Rules(
        strong=make_cues(names, f"{number}(?:{_GAP}|{_GAP}{words}){_VALUE}"),
        weak=make_cues(accounts["base"], f"{_GAP}(?:{link}{_GAP}){{0,3}}{_VALUE}"),
        before=re.compile(f"(?<![\\w@.+\\-/]){_VALUE}{_GAP}(?:{link}{_GAP}){{0,3}}{any_of(names)}{number}"),
        money_after=re.compile(f"[ \u200c.,\\-]{{0,3}}{currency}"),
        money_before=re.compile(f"(?<!\\w){currency}[ \u200c.:]{{0,3}}\\Z"),
    )


@cache
def _transaction_cues() -> Cues:
    numbers = read_words("numbers")
    link, word = any_of(numbers["link"]), any_of(numbers["word"])
    return make_cues(
        read_words("transactions")["cue"], f"{_GAP}(?:(?:{link}|{word}){_GAP}){{0,3}}{_VALUE}"
    )
