"""Languages and tags: who is supported, and the one place that parses tags.

A tag is BCP 47 with a script: ``ur-Arab``. A bare language means Arabic script, for Punjabi too: this is
Pakistan's toolkit, so ``pa`` is Shahmukhi (``pa-Arab``), although CLDR's bare ``pa`` is Gurmukhi.
"""

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from boli.errors import LanguageError, TableError

LANGUAGES = ("bal", "pa", "ps", "sd", "ur")
"""Language subtags that have a profile, sorted."""

SCRIPT_NAMES = {"Arab": "Arabic script", "Latn": "Roman", "Guru": "Gurmukhi"}
"""ISO 15924 code -> the name that people use."""


class Tag(str):
    """A canonical tag such as ``ur-Arab``; a `str` that knows its two halves.

    >>> parse_tag("Urdu").language, parse_tag("Urdu").script
    ('ur', 'Arab')
    """

    __slots__ = ()

    @property
    def language(self) -> str:
        """The language subtag: ``ur``."""
        return self.partition("-")[0]

    @property
    def script(self) -> str:
        """The ISO 15924 script code: ``Arab``."""
        return self.partition("-")[2]


@dataclass(frozen=True)
class Contract:
    """Letters that must never be merged with each other, in a position ('any', 'final', ...)."""

    letters: tuple[str, ...]
    where: str
    reason: str
    source: str


@dataclass(frozen=True)
class Dialect:
    """A dialect or regional standard, with the place it is spoken."""

    name: str
    code: str
    region: str


@dataclass(frozen=True)
class Language:
    """Facts about one language, read from ``data/langs/<tag>/profile.toml``.

    >>> sindhi = load_language("sd")
    >>> sindhi.name, sindhi.scripts, "\N{ARABIC LETTER SWASH KAF}" in sindhi.letters
    ('Sindhi', ('Arab', 'Latn'), True)
    """

    tag: str
    name: str
    native_name: str
    scripts: tuple[str, ...]
    direction: dict[str, str]
    aliases: dict[str, str]
    letters: tuple[str, ...]
    marks: tuple[str, ...]
    digits: str
    sentence_enders: tuple[str, ...]
    contracts: tuple[Contract, ...]
    dialects: tuple[Dialect, ...]


def parse_tag(text: str) -> Tag:
    """Read a language tag, code or name, and return the canonical tag.

    Args:
        text: BCP 47 (``ur``, ``ur-Latn``, ``pa-PK``), ISO 639-3 (``snd``), FLORES style (``urd_Arab``), or a
            name in English or in the language itself. Case and ``_`` or ``-`` do not matter.

    Raises:
        LanguageError: no supported language has this tag, or the language is not written in that script.

    >>> parse_tag("pa")
    'pa-Arab'
    >>> parse_tag("pan_Guru"), parse_tag("snd"), parse_tag("اردو"), parse_tag("bcc-Latn")
    ('pa-Guru', 'sd-Arab', 'ur-Arab', 'bal-Latn')
    >>> parse_tag("urdoo")
    Traceback (most recent call last):
    ...
    boli.errors.LanguageError: no language 'urdoo'; supported: bal, pa, ps, sd, ur (did you mean 'ur'?)
    """
    if not isinstance(text, str):
        raise LanguageError(f"expected a language tag as str, got {type(text).__name__}; use for example 'ur-Arab'")
    key = text.strip().replace("_", "-").casefold()
    known = _aliases()
    if key in known:
        return known[key]
    language, _, script = key.rpartition("-")
    if language in known and len(script) == 4:
        return _with_script(known[language].language, script.title(), text)
    near = difflib.get_close_matches(key, known, n=1)
    hint = f" (did you mean {known[near[0]].language!r}?)" if near else ""
    raise LanguageError(f"no language {text!r}; supported: {', '.join(LANGUAGES)}{hint}")


def load_language(tag: str) -> Language:
    """Return the profile of a language.

    Raises:
        LanguageError: no such language.

    >>> load_language("sd-Latn").native_name
    'سنڌي'
    """
    return _read_profile(parse_tag(tag).language)


def _with_script(language: str, script: str, got: str) -> Tag:
    scripts = load_language(language).scripts
    if script not in scripts:
        raise LanguageError(f"no script {script!r} for {language!r} in {got!r}; choose from: {', '.join(scripts)}")
    return Tag(f"{language}-{script}")


@cache
def _aliases() -> dict[str, Tag]:
    known: dict[str, Tag] = {}
    for language in LANGUAGES:
        profile = _read_profile(language)
        names = {language: f"{language}-Arab", **profile.aliases}
        names |= {f"{language}-{script}": f"{language}-{script}" for script in profile.scripts}
        names |= {profile.name: f"{language}-Arab", profile.native_name: f"{language}-Arab"}
        known |= {name.replace("_", "-").casefold(): Tag(tag) for name, tag in names.items()}
    return known


@cache
def _read_profile(language: str) -> Language:
    path = files("boli") / "data" / "langs" / language / "profile.toml"
    try:
        return _build_profile(tomllib.loads(path.read_text("utf-8")))
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as problem:
        raise TableError(f"langs/{language}/profile.toml: {problem!r}; compare it with langs/ur/profile.toml") from None


def _build_profile(raw: dict[str, "object"]) -> Language:
    table = _Table(raw)
    alphabet = _Table(table.table("alphabet"))
    added = [_Table(row).text("letter") for row in alphabet.rows("additions")]
    return Language(
        tag=table.text("tag"),
        name=table.text("name"),
        native_name=table.text("native_name"),
        scripts=table.texts("scripts"),
        direction={str(k): str(v) for k, v in table.table("direction").items()},
        aliases={str(k): str(v) for k, v in table.table("aliases").items()},
        letters=tuple(dict.fromkeys([*alphabet.text("letters").split(), *added])),
        marks=tuple(alphabet.text("marks").split()),
        digits=table.text("digits"),
        sentence_enders=table.texts("sentence_enders"),
        contracts=tuple(_contract(_Table(row)) for row in table.rows("never_merge")),
        dialects=tuple(_dialect(_Table(row)) for row in table.rows("dialects")),
    )


def _contract(row: "_Table") -> Contract:
    return Contract(tuple(row.text("letters").split()), row.text("where"), row.text("reason"), row.text("source"))


def _dialect(row: "_Table") -> Dialect:
    return Dialect(row.text("name"), row.text("code"), row.text("region"))


class _Table:
    """A parsed TOML table whose getters check types, so that a slip is named."""

    def __init__(self, raw: object) -> None:
        if not isinstance(raw, dict):
            raise TypeError(f"expected a table, got {raw!r}")
        self._raw: dict[str, object] = raw

    def text(self, key: str) -> str:
        value = self._raw[key]
        if not isinstance(value, str):
            raise TypeError(f"{key} must be text, got {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._raw[key]
        if not isinstance(value, list):
            raise TypeError(f"{key} must be a list, got {value!r}")
        return tuple(str(item) for item in value)

    def table(self, key: str) -> dict[str, object]:
        value = self._raw.get(key, {})
        if not isinstance(value, dict):
            raise TypeError(f"{key} must be a table, got {value!r}")
        return value

    def rows(self, key: str) -> list[object]:
        value = self._raw.get(key, [])
        if not isinstance(value, list):
            raise TypeError(f"{key} must be a list of tables, got {value!r}")
        return value
