"""Strings that try a normalizer: its own sources, letters, marks, joiners, spaces, links, quotations, other scripts."""

from hypothesis import strategies as st

from boli.normalization import Normalizer
from boli.normalization.characters import LETTERS, MARKS

FORMS = [
    ("ur-Arab", "encoding"), ("ur-Arab", "visual"), ("ur-Arab", "standard"), ("ur-Arab", "search"),
    ("pa-Arab", "standard"), ("sd-Arab", "visual"), ("sd-Arab", "standard"), ("ps-Arab", "visual"),
    ("ps-Arab", "standard"), ("ps-Arab", "search"), ("bal-Arab", "visual"), ("bal-Arab", "standard"),
    ("bal-Arab", "search"),
    ("ur-Latn", "standard"), ("sd-Latn", "search"), ("bal-Latn", "search"),
]  # fmt: skip
COMMON = ["\u0654", "\u0655", "\u0653", "\u0651", "\u064e", "\u0640", "\u200c", "\u200d", " ", "  ", "\n", "\u06cc",
          "\u064a", "\u0647", "\u06c1", "\u0648", "\u0627", "\u0628", "\u062c", "\u06be"]  # fmt: skip
OTHERS = ["a", "Z", "1", "\u06f5", ".", "\u06d4", "\U0001f600", "\U0001f469\u200d\U0001f4bb", "\u0939\u093f", "\ud800",
          "\0", " www.x.pk ", " http://a.b/\u0643 ", " a@b.pk ", " #Tag ", "\ufd3f", "\ufd3e", "\u00e9", "e\u0301",
          "\u0628\u0650\u0633\u0652\u0645\u0650 \u0627\u0644\u0644\u0651\u064e\u0647\u0650"]  # fmt: skip


def texts_for(normalizer: Normalizer, *, surrogates: bool = True) -> st.SearchStrategy[str]:
    rules = normalizer.rules
    sources = [row.source for row in (*rules.encoding, *rules.letters)]
    others = [text for text in OTHERS if surrogates or text != "\ud800"]
    pool = st.one_of(
        st.sampled_from(COMMON),
        st.sampled_from(sources),
        st.sampled_from(sorted(LETTERS)),
        st.sampled_from(sorted(MARKS)),
        st.sampled_from(others),
    )
    return st.lists(pool, max_size=14).map("".join)
