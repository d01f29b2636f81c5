"""Every notebook runs from top to bottom, only calls, and is stored without its output."""

import ast
import warnings
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def run_notebook(path: Path, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook in an empty folder; the warnings of Jupyter's own packages are not ours to answer for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbclient import NotebookClient

        notebook = nbformat.read(path, as_version=4)
        NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        ).execute()
    return notebook


def shown(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def test_there_is_a_notebook() -> None:
    assert "first_steps" in {path.stem for path in NOTEBOOKS}


@by_name
def test_a_notebook_calls_and_never_defines(path: Path) -> None:
    trees = [ast.parse(cell.source) for cell in code_cells(path)]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [ast.unparse(node) for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)] == []


@by_name
def test_a_notebook_is_stored_without_output(path: Path) -> None:
    assert [cell.source for cell in code_cells(path) if cell.outputs or cell.execution_count] == []


EXPECTED = {
    "first_steps": [
        "'کتاب میری'",
        "(0, 1, 'ARABIC LETTER KAF is written ARABIC LETTER KEHEH')",
        "('pa-Arab', 'sd-Arab', 'ur-Arab')",
        "Guess(tag='pa-Latn'",
        "('account', 'en-Latn')",
        "wallet-intents",
    ]
}
"""What the output of each notebook must hold."""


@by_name
def test_a_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    cells = [cell for cell in run_notebook(path, tmp_path).cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells if not shown(cell)] == []
    text = "\n".join(map(shown, cells))
    assert [line for line in EXPECTED[path.stem] if line not in text] == []
