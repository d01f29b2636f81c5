"""The two stages of an intent run that need torch: train the encoder, export the encoder."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from boli.files import sha256_of_value
from boli.models.weights import sha256_of
from boli.pipeline.encoding import encode
from boli.pipeline.engines import EncoderEngine, open_session
from boli.pipeline.plain import to_plain
from boli.tokenization import load_tokenizer
from boli.training.config import IntentConfig
from boli.training.encoder import build_encoder, load_encoder, save_encoder
from boli.training.export import compare, export_onnx
from boli.training.loop import Encoded, Loop, choose_device, seeded, train
from boli.training.outputs import Exported, Fitted
from boli.training.progress import Progress
from boli.training.scoring import fit_temperature

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Texts = Mapping[str, Sequence[str]]
"""Split -> normalized texts."""


def teach_encoder(
    config: IntentConfig,
    folder: Path,
    texts: Texts,
    numbers: Mapping[str, Sequence[int]],
    labels: Sequence[str],
    progress: Progress,
) -> Fitted:
    """Train an encoder from fresh weights, or go on from its newest whole checkpoint, and write ``model.safetensors``.

    Args:
        numbers: split -> number of the label of each text.
    """
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    device = choose_device(config.training.device)
    splits = {
        split: Encoded(_ids(tokenizer, texts[split], config.model.max_tokens), numbers[split])
        for split in ("train", "dev")
    }
    key = sha256_of_value([to_plain(config), sha256_of(folder / "tokenizer.json"), list(texts["train"]), device.type])
    with seeded(config.training.seed, device, threads=config.training.threads):
        model = build_encoder(config.model, vocabulary=tokenizer.get_vocab_size(), labels=labels).to(device)
        place = folder / "checkpoints" / "encoder"
        loop = Loop(
            model, splits["train"], splits["dev"], config.training, config.model.token_dropout, place, key, device
        )
        state = train(loop, progress)
    save_encoder(model, folder / "model.safetensors")
    shape = json.loads(model.model.config.to_json_string(use_diff=False))
    shape["architectures"] = [type(model.model).__name__]
    parameters = sum(each.numel() for each in model.parameters())
    return Fitted(device.type, parameters, tuple(state.history), shape)


def export_encoder(
    config: IntentConfig, folder: Path, texts: Texts, gold: Sequence[int], labels: Sequence[str]
) -> Exported:
    """Write ``model.onnx``, check that it agrees with torch, and fit its temperature on dev.

    Args:
        gold: numbers of the labels of the dev texts.
    """
    tokenizer, limit = load_tokenizer(folder / "tokenizer.json"), config.model.max_tokens
    vocabulary = tokenizer.get_vocab_size()
    model = load_encoder(folder / "model.safetensors", config.model, vocabulary=vocabulary, labels=labels)
    export_onnx(model, folder / "model.onnx")
    engine = EncoderEngine(open_session(folder / "model.onnx"), tokenizer, limit)
    dev = _ids(tokenizer, texts["dev"], limit)
    agreement = compare(model, engine, [*dev, *_ids(tokenizer, texts["test"], limit)])
    return Exported(agreement.largest_difference, fit_temperature(engine.logits(dev), np.array(gold)))


def _ids(tokenizer: "Tokenizer", texts: Sequence[str], limit: int) -> list[list[int]]:
    return [cut.ids for cut in encode(tokenizer, texts, max_tokens=limit)]
