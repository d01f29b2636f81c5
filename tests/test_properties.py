"""The laws of normalization, on random strings, for every language and level."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texts import FORMS, texts_for

from boli.normalization import Normalizer
from boli.normalization.protection import may_link, may_quote
from boli.normalization.rewrite import Letters
from boli.normalization.tables import LEVELS, WHERE

READY = {form: Normalizer(form[0], level=form[1]) for form in FORMS}
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
STEADY = settings(max_examples=150, deadline=None, suppress_health_check=SLOW)


@pytest.fixture(params=FORMS, ids=lambda form: f"{form[0]}-{form[1]}")
def normalizer(request):
    return READY[request.param]


def check(normalizer, law, *, surrogates=True, many=False):
    texts = texts_for(normalizer, surrogates=surrogates)

    @STEADY
    @given(st.lists(texts, max_size=6) if many else texts)
    def run(value):
        law(value)

    run()


def test_normalizing_twice_changes_nothing_more(normalizer):
    def law(text):
        once = normalizer(text)
        assert normalizer(once) == once

    check(normalizer, law)


def test_batch_equals_one_by_one(normalizer):
    def law(texts):
        assert normalizer.batch(texts) == [normalizer(text) for text in texts]

    check(normalizer, law, many=True)


def test_explaining_gives_the_same_text_and_its_changes_rebuild_it(normalizer):
    def law(text):
        explained = normalizer.explain(text)
        assert explained.text == normalizer(text)
        rebuilt = text
        for start, end, after in reversed(explained.changes):
            rebuilt = rebuilt[:start] + after + rebuilt[end:]
        assert rebuilt == explained.text

    check(normalizer, law)


def test_every_changed_span_cites_a_row_that_exists(normalizer):
    rows = {row.id for row in (*normalizer.rules.encoding, *normalizer.rules.letters)} | {"nfc"}

    def law(text):
        explained = normalizer.explain(text)
        assert {step.id for step in explained.steps} <= rows
        assert all(text[step.start : step.end] == step.before and step.reason for step in explained.steps)
        if explained.text == text:
            assert not explained.changes
        for start, end, _ in explained.changes:
            assert any(step.start < end and start < step.end for step in explained.steps)

    check(normalizer, law)


def test_aligning_in_batch_equals_explaining(normalizer):
    def law(texts):
        for text, (output, alignment) in zip(texts, normalizer.align_batch(texts), strict=True):
            explained = normalizer.explain(text)
            assert output == explained.text
            assert np.array_equal(alignment.starts, explained.alignment.starts)
            assert np.array_equal(alignment.ends, explained.alignment.ends)
            assert len(alignment.starts) == len(output)

    check(normalizer, law, many=True)


def test_offsets_never_decrease_and_stay_inside(normalizer):
    def law(text):
        alignment = normalizer.explain(text).alignment
        assert (np.diff(alignment.starts) >= 0).all()
        assert (np.diff(alignment.ends) >= 0).all()
        assert ((alignment.starts >= 0) & (alignment.ends <= len(text)) & (alignment.starts < alignment.ends)).all()

    check(normalizer, law)


def test_no_source_of_a_level_survives_it_outside_protected_spans(normalizer):
    plain = Letters([row for row in normalizer.rules.letters if row.where in WHERE])
    sources = {source for source, row in plain.plain.items() if row.target != source and len(source) == 1}

    def law(text):
        explained = normalizer.explain(text)
        if any(span for span in (may_link(text), may_quote(text))):
            return
        kept = [source for source, row in plain.plain.items() if row.target == source]
        left = explained.text
        for sequence in kept:
            left = left.replace(sequence, "")
        assert not sources & set(left)

    check(normalizer, law)


@pytest.mark.parametrize("tag", ["ur-Arab", "sd-Arab", "ps-Arab", "bal-Arab"])
def test_a_higher_level_contains_the_lower(tag):
    """Normalizing at a lower level first makes no difference to the higher."""
    levels = [Normalizer(tag, level=level) for level in LEVELS]

    @STEADY
    @given(texts_for(levels[2]))
    def run(text):
        for lower, higher in pairwise(levels):
            assert higher(lower(text)) == higher(text)

    run()
