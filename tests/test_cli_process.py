"""The program as a process: light to start, deaf to the locale, quiet when its reader leaves or Ctrl-C is pressed."""

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

KAF, KEHEH = "\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER KEHEH}"
RAW = f"{KAF}تاب  اچھی\nابھی\n"
CLEAN = f"{KEHEH}تاب اچھی\nابھی\n"


def start(*arguments: str, stdin: int | None = None, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start the program; a shell that runs the tests in the background would have it ignore Ctrl-C."""
    command = [sys.executable, "-m", "boli.cli", *arguments]
    hearing = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, preexec_fn=hearing)


def test_importing_the_commands_is_light() -> None:
    check = "import sys, boli.cli; print([m for m in ('numpy', 'torch', 'regex', 'rich') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", check], capture_output=True, check=True).stdout == b"[]\n"


def test_the_program_reads_and_writes_bytes_whatever_the_locale() -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "boli.cli", "normalize", "--lang", "ur"]
    done = subprocess.run(command, input=RAW.encode(), capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, CLEAN.encode(), b"")


def test_a_reader_who_goes_away_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(RAW.encode() * 200_000)
    with start("normalize", "--lang", "ur", str(tmp_path / "big.txt")) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == CLEAN.encode().split(b"\n")[0] + b"\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_ctrl_c_ends_with_one_line_and_130(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    with start("normalize", "--lang", "ur", "-o", out, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(RAW.encode())
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b"boli: stopped\n"
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
