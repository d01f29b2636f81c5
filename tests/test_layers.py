"""The order of imports, read from the source; and what an import brings along, seen in a new process."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1] / "src" / "boli"

ORDER = [
    "languages", "errors", "normalization", "segmentation", "models", "files", "streams", "identification",
    "transliteration", "redaction", "datasets", "tokenization", "evaluation", "pipeline", "training", "support",
    "review", "listings", "corpus", "serving", "demo", "commands", "cli",
]  # fmt: skip
"""From the ground up: a module imports only what stands before it. `languages` and `errors` share the ground.

`files` needs `boli.models.weights`, `streams` needs `files`; `listings` belongs to the rim, below the commands.
"""

GROUND = {"languages", "errors"}
ONLY_IN_TRAINING = {"torch", "accelerate", "peft", "tensorboard"}
ONLY_INSIDE_FUNCTIONS = {
    "transformers", "tokenizers", "sklearn", "matplotlib", "onnx", "onnxruntime", "onnxscript", "datasets", "pandas",
    "safetensors", "sentencepiece", "scipy",
}  # fmt: skip


class Import(NamedTuple):
    """One imported module; `where` is path:line, `at_top` says that importing the file imports it too."""

    where: str
    layer: str
    module: str
    at_top: bool


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"line {node.lineno}: write the whole name of the module"
        from_root = node.module == "boli"
        return [f"boli.{name.name}" for name in node.names] if from_root else [str(node.module)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
        return [str(argument.value) for argument in node.args[:1] if isinstance(argument, ast.Constant)]
    return []


def is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def walk(node: ast.AST, at_top: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    yield node, at_top
    inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or is_for_type_checkers(node)
    for child in ast.iter_child_nodes(node):
        yield from walk(child, at_top and not inside)


def read_imports(path: Path) -> list[Import]:
    return [
        Import(f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}", layer_of(path), module, at_top)
        for node, at_top in walk(ast.parse(path.read_text("utf-8")))
        for module in modules_of(node)
    ]


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
IMPORTS = [found for path in FILES for found in read_imports(path)]


def rank(layer: str) -> int:
    return 0 if layer in GROUND else ORDER.index(layer)


def is_turned(found: Import) -> bool:
    parts = found.module.split(".")
    if parts[0] != "boli" or len(parts) == 1 or parts[1] in (found.layer, "__version__"):
        return False
    return found.layer in GROUND - {"languages"} or rank(parts[1]) >= max(1, rank(found.layer))


def listed(found: list[Import]) -> list[str]:
    return [f"{one.where} imports {one.module}" for one in found]


def test_every_module_has_its_place_in_the_order() -> None:
    assert {layer_of(path) for path in FILES} <= set(ORDER)


def test_no_module_imports_one_that_stands_after_it() -> None:
    assert listed([one for one in IMPORTS if is_turned(one)]) == []


def test_a_turned_arrow_is_seen() -> None:
    assert is_turned(Import("models/x.py:1", "models", "boli.pipeline", True))
    assert is_turned(Import("normalization/x.py:1", "normalization", "boli.segmentation", False))
    assert is_turned(Import("languages.py:1", "languages", "boli.files", True))
    assert is_turned(Import("errors.py:1", "errors", "boli.languages", True))
    assert not is_turned(Import("languages.py:1", "languages", "boli.errors", True))
    assert not is_turned(Import("cli.py:1", "cli", "boli.demo", False))


def test_torch_is_imported_under_training_alone() -> None:
    heavy = [one for one in IMPORTS if one.module.split(".")[0] in ONLY_IN_TRAINING]
    assert heavy, "nothing imports torch: this test reads the wrong files"
    assert listed([one for one in heavy if one.layer != "training"]) == []


def test_other_heavy_packages_are_imported_when_a_function_needs_them() -> None:
    heavy = [one for one in IMPORTS if one.module.split(".")[0] in ONLY_INSIDE_FUNCTIONS]
    assert listed([one for one in heavy if one.at_top and one.layer != "training"]) == []


def run(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


HEAVY = {"numpy", "torch", "transformers", "tokenizers", "sklearn", "onnxruntime", "regex", "rich", "typer"}


def test_importing_boli_brings_nothing_heavy() -> None:
    found = run("import sys, boli; print(*sys.modules)")
    assert {name for name in found if name.split(".")[0] == "boli"} == {"boli"}
    assert HEAVY & set(found) == set()


LIGHT = [layer for layer in ORDER if (PACKAGE / layer).is_dir() or (PACKAGE / f"{layer}.py").is_file()]


def test_no_part_but_training_brings_torch_or_transformers_when_it_is_imported() -> None:
    names = " ".join(f"boli.{layer}" for layer in LIGHT)
    found = run(f"import sys, importlib; [importlib.import_module(n) for n in '{names}'.split()]; print(*sys.modules)")
    assert set(names.split()) <= set(found)
    assert {"torch", *ONLY_INSIDE_FUNCTIONS} & set(found) == set()


WATCH = """
import importlib, sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
for name in {names}:
    importlib.import_module(name)
print(*[name for name in opened if "boli" in name and "/data/" in name.replace(chr(92), "/")])
"""


def test_no_import_reads_a_table_or_weights() -> None:
    assert run(WATCH.format(names=["boli", *(f"boli.{layer}" for layer in LIGHT)])) == []


def test_reading_a_table_is_seen() -> None:
    watch = WATCH.format(names=["boli"]).replace("print", "importlib.import_module('boli').parse_tag('ur')\nprint")
    assert any(name.endswith("profile.toml") for name in run(watch))
