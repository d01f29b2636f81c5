"""The whole course: count, gather, teach the writing tagger, invent, teach the reading tagger, build each language.

Every stage leaves a file in the work folder and is skipped when its file is there, so a power cut costs one stage.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from boli.errors import DataError
from boli.models.weights import write_atomically
from boli.training.romanization.bundles import Known, Sizes, build_pair
from boli.training.romanization.inventing import QUOTAS, invent_pairs
from boli.training.romanization.material import (
    LANGUAGES,
    MINED,
    Weights,
    gurmukhi_counts,
    lingdocs_pairs,
    shahmukhi_counts,
    teaching_pairs,
)
from boli.training.romanization.network import Schedule
from boli.training.romanization.pairs import clean_pairs, read_lexicon
from boli.training.romanization.ranking import attested_answers
from boli.training.romanization.teaching import teach_tagger
from boli.training.romanization.variants import merge_variants
from boli.training.romanization.wordlists import count_words
from boli.transliteration.forms import fold_roman
from boli.transliteration.model_files import pack_pair, pack_tagger, read_arrays, unpack_tagger, write_arrays
from boli.transliteration.tagger import Tagger

WRITING_SCHEDULE = Schedule(epochs=8, batch=768, dropout=0.05)
READING_SCHEDULE = Schedule(epochs=6, batch=768, dropout=0.05)

WIDTH = 128

Report = Callable[[str], object]


def run_course(data: Path, folder: Path, *, sizes: Sizes | None = None, report: Report = print) -> None:
    """Teach the transliterator and write its files into a folder.

    Args:
        data: the folder of the training data (see `data_cards/`).
        folder: for the model files; finished stages in it are kept.

    Raises:
        DataError: the data folder lacks a file.
    """
    if not (data / "transliteration").is_dir():
        raise DataError(f"{data}: no folder 'transliteration' in it; give the folder of the training data")
    folder.mkdir(parents=True, exist_ok=True)
    counts = {tag: _counts(data, tag) for tag in LANGUAGES}
    material = {tag: teaching_pairs(data, tag, counts.get(tag, {})) for tag in (*LANGUAGES, *MINED)}
    writing = _tagger(folder / "writing.npz", lambda: teach_tagger(
        "writing", material, WRITING_SCHEDULE, width=WIDTH, report=report
    ))  # fmt: skip
    reading = _tagger(folder / "reading.npz", lambda: _teach_reading(material, counts, writing, report))
    for tag in LANGUAGES:
        path = folder / f"{tag}.npz"
        if path.exists():
            continue
        pair = build_pair(data, know(data, tag, counts[tag], material), reading, writing, sizes or Sizes(), report)
        arrays, head = pack_pair(pair)
        write_atomically(path, lambda file, arrays=arrays, head=head: write_arrays(file, arrays, head))  # type: ignore[misc]
        report(f"{tag}: {path.stat().st_size:,} bytes")


def _counts(data: Path, tag: str) -> dict[str, float]:
    special = {"pa-Arab": shahmukhi_counts, "pa-Guru": gurmukhi_counts}
    return special[tag](data) if tag in special else dict(count_words(data, tag))


def _tagger(path: Path, teach: Callable[[], Tagger]) -> Tagger:
    if not path.exists():
        arrays, head = pack_tagger(teach())
        write_atomically(path, lambda file: write_arrays(file, arrays, head))
    return unpack_tagger(read_arrays(path))


def _teach_reading(
    material: Mapping[str, Weights], counts: Mapping[str, Mapping[str, float]], writing: Tagger, report: Report
) -> Tagger:
    """Attested and invented pairs together; a last stage of attested ones alone was tried and did not help."""
    both: dict[str, Weights] = {}
    for tag in LANGUAGES:
        both[tag] = defaultdict(float, invent_pairs(writing, tag, counts[tag], QUOTAS[tag]))
        for source in (tag, *(mined for mined, of in MINED.items() if of == tag)):
            for pair, weight in material[source].items():
                both[tag][pair] += weight
    return teach_tagger("reading", both, READING_SCHEDULE, width=WIDTH, report=report)


def know(data: Path, tag: str, counts: Mapping[str, float], material: Mapping[str, Weights]) -> Known:
    """Gather what is known of a language, with its dev words where there are any."""
    pairs: Weights = dict(material[tag])
    for mined, of in MINED.items():
        if of == tag:
            for pair, weight in material[mined].items():
                pairs.setdefault(pair, weight)
    dev = _dev_pairs(data, tag)
    merged = merge_variants(tag, counts, pairs)
    return Known(
        tag, merged.counts, merged.pairs,
        attested_answers([(roman, merged.spell(native)) for native, roman in dev]),
        attested_answers(dev),
    )  # fmt: skip


def _dev_pairs(data: Path, tag: str) -> list[tuple[str, str]]:
    if tag == "ps-Arab":
        return sorted(lingdocs_pairs(data, measured=True))
    language = tag.partition("-")[0]
    path = data / "transliteration" / language / "dakshina_lexicon.dev.tsv"
    if tag == "pa-Arab" or not path.exists():
        return []
    return [(pair.native, fold_roman(pair.roman)) for pair in clean_pairs(read_lexicon(path), tag)]

