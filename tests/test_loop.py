"""The encoder and the loop that teaches it: resumable to the bit, sparing with memory, on one process or several."""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from boli.errors import RunError
from boli.training import SilentProgress
from boli.training.config import ModelConfig, TrainingConfig
from boli.training.encoder import END, MASK, OURS, START, build_encoder, drop_tokens
from boli.training.loop import Loop, LoopState, seeded, train
from boli.training.losses import RowLoss, make_loss, slot_loss
from boli.training.machines import choose_device
from boli.training.objectives import Classification, predict_logits
from boli.training.optimizing import build_optimizer, find_depths
from boli.training.store import IGNORED, Examples, TokenStore, prefetch

CPU = torch.device("cpu")
FAST: dict[str, float | int] = {"epochs": 8, "patience": 8, "batch_tokens": 60, "learning_rate": 0.01}
ROWS = [[START, 5 + label, 9 + place % 4, END] for place in range(6) for label in range(3)]


class Stopper(SilentProgress):
    """Ask to stop after some steps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self, amount: int = 1, note: str = "") -> None:
        self.left -= amount

    def stopping(self) -> bool:
        return self.left == 0


def examples(tags: bool = False) -> Examples:
    gold = np.array([row[1] - 5 for row in ROWS], np.int64)
    slots = TokenStore.collect([[IGNORED, row[1] - 5, 0, IGNORED] for row in ROWS]) if tags else None
    return Examples(TokenStore.collect(ROWS), gold, slots, np.arange(len(ROWS)))


def small_loop(folder: Path, device: torch.device = CPU, tags: int = 0, **settings: float) -> Loop:
    config = TrainingConfig(**{**FAST, **settings})  # type: ignore[arg-type]
    model = build_encoder(
        ModelConfig(layers=1, width=16, heads=2, dropout=0.1), vocabulary=16, labels=["a", "b", "c"], tags=tags
    ).to(device)
    data = examples(tags=bool(tags))
    loss = make_loss(config, data.gold, ["a", "b", "c"], several=False)
    work = Classification(data, data, loss, OURS, 0.1, device, config.precision)
    return Loop(model, work.objective(), config, folder, "k", device)


def taught(folder: Path, **settings: float) -> tuple[LoopState, dict[str, Tensor]]:
    with seeded(1, CPU):
        loop = small_loop(folder, **settings)
        return train(loop, SilentProgress()), loop.model.state_dict()


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    return all(torch.equal(first, second) for first, second in zip(one.values(), two.values(), strict=True))


def close(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    pairs = zip(one.values(), two.values(), strict=True)
    return all(torch.allclose(first, second, atol=1e-4) for first, second in pairs)


def test_the_loop_learns_what_can_be_learned(tmp_path: Path) -> None:
    state, _ = taught(tmp_path)
    assert state.best[0] == 1.0
    assert state.history[-1].train_loss < state.history[0].train_loss


def test_slots_are_learned_beside_labels(tmp_path: Path) -> None:
    with seeded(1, CPU):
        loop = small_loop(tmp_path, tags=3, epochs=20)
        train(loop, SilentProgress())
    found = predict_logits(loop.model, ROWS, CPU)
    assert [int(row[1].argmax()) for row in found.tokens] == [row[1] - 5 for row in ROWS]


def test_the_loop_leaves_the_random_state_of_the_caller_alone(tmp_path: Path) -> None:
    before = torch.get_rng_state()
    taught(tmp_path)
    assert torch.equal(before, torch.get_rng_state())


def test_training_stops_when_dev_no_longer_improves(tmp_path: Path) -> None:
    state, _ = taught(tmp_path, epochs=60, patience=2, learning_rate=1e-12)
    assert state.epoch < 60
    assert state.epoch - 1 - state.best_epoch == 2


@pytest.mark.parametrize("stop_after", [1, 3, 7])
@pytest.mark.parametrize("settings", [{}, {"accumulate": 2, "averaging": 0.0}], ids=["plain", "accumulating"])
def test_a_stopped_and_resumed_loop_ends_with_the_same_weights(
    tmp_path: Path, stop_after: int, settings: dict[str, float]
) -> None:
    _, straight = taught(tmp_path / "straight", **settings)
    with seeded(1, CPU), pytest.raises(KeyboardInterrupt, match=f"stopped and saved at step {stop_after + 1}"):
        train(small_loop(tmp_path / "stopped", **settings), Stopper(stop_after))
    _, resumed = taught(tmp_path / "stopped", **settings)
    assert same(straight, resumed)


def test_patience_is_not_forgotten_when_a_run_goes_on(tmp_path: Path) -> None:
    settings: dict[str, float] = {"epochs": 60, "patience": 3, "learning_rate": 1e-12}
    straight, _ = taught(tmp_path / "straight", **settings)
    with seeded(1, CPU), pytest.raises(KeyboardInterrupt):
        train(small_loop(tmp_path / "stopped", **settings), Stopper(straight.step - 2))
    resumed, _ = taught(tmp_path / "stopped", **settings)
    assert (resumed.epoch, resumed.best_epoch) == (straight.epoch, straight.best_epoch)


def test_a_loss_that_is_no_number_stops_the_run_with_advice(tmp_path: Path) -> None:
    loop = small_loop(tmp_path)
    with torch.no_grad():
        next(loop.model.parameters()).fill_(float("nan"))
    with pytest.raises(RunError, match=r"the loss is nan at step 0; .* a lower --set training.learning_rate=3e-03"):
        train(loop, SilentProgress())


# --- memory


class Narrow(nn.Module):
    """A model on a machine whose memory ends at some tokens."""

    def __init__(self, model: nn.Module, most: int) -> None:
        super().__init__()
        self.model, self.most, self.widest = model, most, 0

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        if self.training and ids.numel() > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        self.widest = max(self.widest, ids.numel())
        return self.model(ids, mask)  # type: ignore[no-any-return]


def test_out_of_memory_halves_what_goes_through_at_once_until_it_fits(tmp_path: Path) -> None:
    with seeded(1, CPU):
        loop = small_loop(tmp_path)
    narrow = Narrow(loop.model, most=16)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        state = train(replace(loop, model=narrow), SilentProgress())
    assert [str(each.message) for each in told] == [
        "out of memory: going on with 30 tokens at once", "out of memory: going on with 15 tokens at once",
    ]  # fmt: skip
    assert (state.micro_tokens, state.best[0]) == (15, 1.0)


def test_parts_of_a_batch_add_up_to_the_step_of_the_whole(tmp_path: Path) -> None:
    def weights(micro: int) -> dict[str, Tensor]:
        with seeded(1, CPU):
            loop = small_loop(tmp_path / str(micro), epochs=2, micro_tokens=micro)
            for part in loop.model.modules():
                if isinstance(part, nn.Dropout):
                    part.p = 0.0
            data = examples()
            plain = Classification(data, data, RowLoss(torch.ones(3)), OURS, 0.0, CPU)
            train(replace(loop, objective=plain.objective()), SilentProgress())
            return loop.model.state_dict()

    assert close(weights(0), weights(8))


def test_one_text_that_does_not_fit_is_an_error_with_advice_and_the_run_can_go_on(tmp_path: Path) -> None:
    with seeded(1, CPU):
        loop = small_loop(tmp_path, recompute="never")  # type: ignore[arg-type]
    narrow = replace(loop, model=Narrow(loop.model, most=2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(RunError, match=r"one text of 4 tokens does not fit into memory; .* smaller model"):
            train(narrow, SilentProgress())


def test_half_precision_and_recomputing_learn_too(tmp_path: Path) -> None:
    state, _ = taught(tmp_path, precision="bf16", recompute="always")  # type: ignore[arg-type]
    assert state.best[0] == 1.0


def test_a_compiler_that_fails_is_told_and_the_plain_model_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(nn.Module):
        def forward(self, *_: Tensor) -> Tensor:
            raise TypeError("no compiler here")

    monkeypatch.setattr("boli.training.machines.torch.compile", lambda model, dynamic: Broken())
    with pytest.warns(UserWarning, match="torch.compile failed"):
        state, _ = taught(tmp_path, compile="always")  # type: ignore[arg-type]
    assert state.best[0] == 1.0


# --- losses and rates


def test_rare_labels_count_more_when_asked_and_a_row_counts_one_on_average() -> None:
    gold = np.array([0, 0, 0, 1])
    loss = make_loss(TrainingConfig(class_weights="balanced"), gold, ["a", "b"], several=False)
    rows = loss(torch.zeros(4, 2), torch.from_numpy(gold))
    assert rows[3] > rows[0]
    assert float(rows.mean()) == pytest.approx(float(np.log(2)), rel=1e-5)


def test_focal_loss_looks_away_from_what_is_right_already() -> None:
    plain, focal = (RowLoss(torch.ones(2), focal=power) for power in (0.0, 2.0))
    logits, gold = torch.tensor([[4.0, 0.0], [0.0, 4.0]]), torch.tensor([0, 0])
    assert focal(logits, gold)[0] < plain(logits, gold)[0] / 100
    assert focal(logits, gold)[1] > plain(logits, gold)[1] / 2


def test_several_labels_are_judged_one_by_one() -> None:
    loss = RowLoss(torch.ones(3), several=True)
    right = loss(torch.tensor([[9.0, -9.0, 9.0]]), torch.tensor([[1.0, 0.0, 1.0]]))
    assert float(right) < 0.01


def test_tokens_outside_words_do_not_count_in_the_loss_of_slots() -> None:
    logits = torch.zeros(1, 3, 2)
    assert float(slot_loss(logits, torch.tensor([[IGNORED, 1, IGNORED]]))) == pytest.approx(float(np.log(2)))
    assert float(slot_loss(logits, torch.tensor([[IGNORED, IGNORED, IGNORED]]))) == 0


def test_lower_layers_learn_slower_when_asked(tmp_path: Path) -> None:
    loop = small_loop(tmp_path)
    optimizer = build_optimizer(loop.model, replace(loop.config, layer_decay=0.5), fused=False)
    depths = find_depths(name for name, _ in loop.model.named_parameters())
    assert {group["scale"] for group in optimizer.param_groups} == {0.25, 0.5, 1.0}
    assert max(depths.values()) == 2


# --- tokens on disk


def test_a_token_file_comes_back_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    TokenStore.collect(ROWS).save(tmp_path / "train.ids")
    opened = TokenStore.open(tmp_path / "train.ids")
    assert [opened[row].tolist() for row in range(len(opened))] == ROWS
    (tmp_path / "train.ids").write_bytes((tmp_path / "train.ids").read_bytes()[:40])
    with pytest.raises(RunError, match="is damaged"):
        TokenStore.open(tmp_path / "train.ids")


def test_an_error_while_batches_are_made_ahead_comes_out_where_it_belongs() -> None:
    def make(number: int) -> int:
        return 1 // number

    made = prefetch([1, 0, 1], make, depth=2)
    assert next(made) == 1
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_making_batches_ahead_stops_when_nobody_waits() -> None:
    seen: list[int] = []
    make: Callable[[int], None] = seen.append
    made = prefetch(range(10_000), lambda number: make(number) or number, depth=2)
    assert next(made) == 0
    made.close()  # type: ignore[attr-defined]
    assert len(seen) < 10


def test_dropped_tokens_are_masked_and_special_ones_stay() -> None:
    ids = torch.tensor([[START, *range(5, 105), END, 0]])
    dropped = drop_tokens(ids, (ids != 0).long(), 0.5)
    assert dropped[0, [0, 101, 102]].tolist() == [START, END, 0]
    assert 20 < int((dropped == MASK).sum()) < 80


# --- machines


def test_a_gpu_that_is_not_there_is_refused() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    assert choose_device("auto") == CPU
    with pytest.raises(RunError, match=r"torch sees no GPU; use --set training.device=cpu"):
        choose_device("cuda")


@pytest.mark.gpu
def test_the_loop_learns_on_a_gpu(tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    device = torch.device("cuda")
    with seeded(1, device):
        state = train(small_loop(tmp_path, device), SilentProgress())
    assert state.best[0] == 1.0


LAUNCHED = """
import sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from test_loop import taught
from boli.training import parallel
with parallel.joined("cpu"):
    state, weights = taught(Path(sys.argv[1]), epochs=3)
    if not parallel.rank():
        print(parallel.world(), state.step, state.history[-1].dev_loss)
"""


@pytest.mark.slow
def test_two_processes_learn_together_what_one_learns_alone(tmp_path: Path) -> None:
    (tmp_path / "launched.py").write_text(LAUNCHED)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, str(tmp_path / "launched.py"), str(tmp_path / "two")],
        capture_output=True, encoding="utf-8", env=environment, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    world, steps, loss = done.stdout.split()
    state, _ = taught(tmp_path / "one", epochs=3)
    assert (world, int(steps)) == ("2", state.step)
    assert float(loss) == pytest.approx(state.history[-1].dev_loss, abs=0.2)
