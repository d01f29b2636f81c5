"""`boli demo`: one call does the main job, the next one goes on or has nothing to do."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from tiny import SETTINGS, copy_run, tiny_config, tiny_data

from boli.demo import choose_settings, run_demo
from boli.errors import RunError
from boli.models.weights import verify_checksums
from boli.training import FinetuneConfig
from boli.training.progress import ConsoleProgress

RUN = """
import sys
from collections.abc import Callable
from pathlib import Path
from tiny import tiny_config
from boli.demo import run_demo
try:
    run_demo(Path(sys.argv[2]), config=tiny_config(Path(sys.argv[1]), *sys.argv[3:]))
except KeyboardInterrupt as stop:
    print(stop)
    sys.exit(130)
"""
STEPS = (
    "look at the data", "normalize", "make the tokenizer", "cut into tokens", "fit the baseline", "train the encoder",
    "export and compare", "test both models", "write the card", "load in a new process",
)  # fmt: skip


def tell(folder: Path, *overrides: str, fresh: bool = False) -> str:
    """Run the demo on the tiny data and return what it drew."""
    console = Console(file=io.StringIO(), width=100)
    run_demo(folder, fresh=fresh, config=tiny_config(tiny_data(), *overrides), console=console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def start(folder: Path, *overrides: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(tiny_data()), str(folder), *overrides]
    return subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def test_the_demo_shows_each_step_the_verdict_who_is_left_out_and_ten_answers_with_reasons(tmp_path: Path) -> None:
    told = tell(tmp_path / "demo")
    for words in (*STEPS, "Balochi", "Arabic script", "ur-Latn", "linear baseline", "worth it", "language not told"):
        assert words in told, words
    assert "read 10 test messages" in told
    assert told.count("% sure") >= 10
    assert told.count("فیصد یقین") >= 10
    assert "Reasons in Urdu are machine-written, unreviewed by native speakers" in told
    verify_checksums(tmp_path / "demo")


def test_a_second_run_has_nothing_to_do_and_changes_nothing(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "demo")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and path.name != "lock"}
    assert "Nothing to do: this run is finished" in tell(folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_second_run_imports_no_torch(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "demo")
    code = f"{RUN}\nassert 'torch' not in sys.modules"
    command = [sys.executable, "-c", code, str(tiny_data()), str(folder)]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_other_settings_are_refused_in_one_sentence_and_fresh_starts_over(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "demo")
    with pytest.raises(RunError, match=r"was made with training.epochs = 3, not 2; use --fresh to start over"):
        tell(folder, "training.epochs=2")
    assert "It took" in tell(folder, "training.epochs=2", fresh=True)


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = start(folder, "training.epochs=3000", "training.patience=3000")
    _wait_for(lambda: any(folder.glob("checkpoints/encoder/step-*")), process)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopping: saving first (Ctrl-C again to stop at once)" in told
    assert "stopped and saved at step" in told
    assert "run the same command again to go on" in told
    assert not list(folder.rglob("*.tmp"))


@pytest.mark.slow
def test_a_run_killed_at_random_moments_can_always_go_on(tmp_path: Path) -> None:
    folder, dice = tmp_path / "demo", random.Random(3)
    for _ in range(6):
        process = start(folder)
        time.sleep(dice.uniform(0.3, 6))
        process.kill()
        process.communicate()
    process = start(folder)
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert all(step in told for step in STEPS)
    verify_checksums(folder)
    assert not list(folder.rglob("*.tmp"))


def test_the_second_ctrl_c_stops_at_once() -> None:
    progress = ConsoleProgress(Console(file=io.StringIO()))
    with progress.listening():
        os.kill(os.getpid(), signal.SIGINT)
        assert progress.stopping()
        with pytest.raises(KeyboardInterrupt, match="stopped at once"):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_script_trains_from_a_configuration_and_refuses_a_misspelt_key(tmp_path: Path) -> None:
    script = Path(__file__).parent.parent / "scripts" / "finetune_intent.py"
    config = tmp_path / "tiny.toml"
    config.write_text(f'[data]\nname = "{tiny_data().as_posix()}"\n', "utf-8")
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    command = [sys.executable, str(script), str(config), "--folder", str(tmp_path / "run"), *settings]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "A new process loaded the folder" in done.stdout
    done = subprocess.run([*command, "--set", "training.epoch=1"], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("boli: --set training.epoch=1: no key 'epoch' in [training]; choose from: ")
    assert done.stderr.endswith("(did you mean 'epochs'?)\n")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(RunError, match="is a file; expected a folder for the run"):
        tell(tmp_path / "demo")


def test_the_demo_runs_on_the_shipped_data_by_default() -> None:
    assert choose_settings().data == FinetuneConfig().data
    assert choose_settings().data.name == "wallet-intents"
    assert choose_settings().training.epochs < FinetuneConfig().training.epochs


def _wait_for(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < until, "it took too long"
        assert process.poll() is None, "it ended too soon"
        time.sleep(0.05)
