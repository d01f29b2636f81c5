"""The never-merge contract: letters that are distinct in a language stay distinct below `search`."""

from collections.abc import Iterator
from itertools import combinations

from boli.errors import TableError
from boli.languages import Contract, load_language
from boli.normalization.rewrite import Letters
from boli.normalization.ruleset import Ruleset
from boli.normalization.tables import POSITIONS, WHERE, names_of


def check_contracts(rules: Ruleset) -> None:
    """Hold rules against the language's contracts.

    Rows that look at what follows (`hamza`), sequences and options that a user asks for by name are not looked at: they
    merge nothing by themselves.

    Raises:
        TableError: two letters of a contract become the same text in a position that it names.
    """
    by_name = {"gaf", "orthography", "joined"} & set(dict(rules.options))
    if rules.tag.script != "Arab" or rules.tag.language == "und" or rules.level == "search" or by_name:
        return
    letters = Letters([row for row in rules.letters if row.where in WHERE])
    for contract in load_language(rules.tag.language).contracts:
        for first, second, place in _pairs(contract):
            if image(letters, first, place) == image(letters, second, place):
                raise TableError(
                    f"langs/{rules.tag.language}: at {rules.level!r} {names_of(first)} and {names_of(second)} become "
                    f"the same letter ({POSITIONS[place]}), but the profile says: {contract.reason}; "
                    "remove the row or the contract"
                )


def image(letters: Letters, letter: str, place: int) -> str:
    """Return what a letter becomes at a position (an index in `POSITIONS`)."""
    if letter in letters.plain:
        return letters.plain[letter].target
    row = letters.placed.get(letter, [None] * 4)[place]
    return row.target if row else letter


def _pairs(contract: Contract) -> Iterator[tuple[str, str, int]]:
    for name in WHERE[contract.where]:
        for first, second in combinations(contract.letters, 2):
            yield first, second, POSITIONS.index(name)
