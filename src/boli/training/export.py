"""Write an encoder as ONNX, so that an app needs no torch, and prove that onnxruntime gives the same answers."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from boli.errors import ModelError
from boli.files import write_bytes
from boli.pipeline.engines import EncoderEngine
from boli.training.encoder import OURS, EncoderClassifier
from boli.training.objectives import predict_logits
from boli.training.sources import Specials

if TYPE_CHECKING:
    from onnx import ModelProto

TOLERANCE = 1e-3
"""Largest difference of two logits that still counts as the same."""


class Agreement(NamedTuple):
    """How well onnxruntime agrees with torch on the same texts.

    Args:
        texts: compared.
        largest_difference: of any logit.
        same_label: share of texts with the same best label.
    """

    texts: int
    largest_difference: float
    same_label: float


def export_onnx(model: EncoderClassifier, path: Path, specials: Specials = OURS) -> None:
    """Write a float32 encoder as one ONNX file; any number of texts and tokens goes in.

    Raises:
        ModelError: torch exported nothing.
        RunError: the disk is full.
    """
    model.eval().float().cpu()
    start, end = specials.around[0], specials.around[-1]
    ids = torch.tensor([[start, 5, 6, 7, end], [start, 5, 6, end, specials.pad]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]])
    axes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
    with _quiet():
        program = torch.onnx.export(
            model,
            (ids, mask),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits", "slot_logits"] if model.slot_head is not None else ["logits"],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ModelError("torch exported nothing; report this with the versions of torch, onnx and onnxscript")
    write_bytes(path, _bare(program.model_proto).SerializeToString(deterministic=True))


def _bare(proto: "ModelProto") -> "ModelProto":
    """Drop the exporter's notes: paths of source files, and names that change from one export to the next."""
    graph = proto.graph
    del graph.value_info[:]
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
    return proto


def compare(model: EncoderClassifier, engine: EncoderEngine, sequences: Sequence[Sequence[int]]) -> Agreement:
    """Run the same token ids through torch and onnxruntime.

    Raises:
        ModelError: they disagree, so the export must not be used.
    """
    first, tokens = predict_logits(model, sequences, torch.device("cpu"), pad_token=engine.padding)
    second = engine.logits(sequences)
    difference = float(np.abs(first - second).max())
    same = float((first.argmax(1) == second.argmax(1)).mean())
    if engine.slots:
        pairs = zip(tokens, engine.token_logits(sequences), strict=True)
        difference = max(difference, *(float(np.abs(one - two[: len(one)]).max()) for one, two in pairs))
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model disagrees with torch by {difference:.2g} (allowed {TOLERANCE:g}) on {len(sequences)} "
            "texts; it is not written as finished: report this with the versions of torch and onnxruntime"
        )
    return Agreement(len(sequences), difference, same)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter's remarks about its own inside; errors still come through."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
