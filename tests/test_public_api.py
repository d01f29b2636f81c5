"""The public names: all there, all documented with an example that runs, none hidden by a module of the same name."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import boli

ROOT = Path(boli.__file__)
CALLS = {
    "identify": lambda: isinstance(boli.identify("آپ کیسے ہیں؟")[0], boli.Guess),
    "identify_batch": lambda: [guess.tag for guess in boli.identify_batch(["", "12"])] == ["und", "und"],
    "identify_words": lambda: isinstance(boli.identify_words("salam dunya")[0], boli.WordGuess),
    "load": lambda: raises(lambda: boli.load("no-such-pipeline")),
    "load_language": lambda: isinstance(boli.load_language("sd"), boli.Language),
    "split_sentences": lambda: len(boli.split_sentences("Kab? Kal.", "ur-Latn")) == 2,
    "split_words": lambda: [span.of("do lafz") for span in boli.split_words("do lafz", "ur-Latn")] == ["do", "lafz"],
    "normalize": lambda: boli.normalize("\N{ARABIC LETTER KAF}", "ur") == "\N{ARABIC LETTER KEHEH}",
    "parse_tag": lambda: isinstance(boli.parse_tag("pa"), boli.Tag),
    "pipelines": lambda: isinstance(boli.pipelines(), list),
    "respell": lambda: boli.respell("123", "ur-Latn") == "123",
    "transliterate": lambda: boli.transliterate("", "ur-Latn", "ur-Arab") == "",
    "redact": lambda: boli.redact("call 0300-1234567").text == "call [PHONE]",
}
"""Public function -> a call that tells whether it still does its work once every module is imported."""


def raises(call: Callable[[], object]) -> bool:
    try:
        call()
    except boli.BoliError:
        return True
    return False


def module_names() -> list[str]:
    found = [module.name for module in pkgutil.walk_packages(boli.__path__, "boli.")]
    return [name for name in found if not name.endswith(".__main__")]


@pytest.fixture(scope="module")
def modules() -> dict[str, ModuleType]:
    """Import every module of the package."""
    return {name: importlib.import_module(name) for name in ["boli", *module_names()]}


def imported_for_type_checkers() -> dict[str, str]:
    tree = ast.parse(ROOT.read_text("utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for node in blocks[0].body if isinstance(node, ast.ImportFrom)]
    return {name.name: str(node.module) for node in imports for name in node.names}


def test_all_lists_each_public_name_once_in_order_and_type_checkers_see_the_same() -> None:
    assert boli.__all__ == sorted(set(boli.__all__))
    assert sorted(boli._HOMES) == boli.__all__
    assert imported_for_type_checkers() == boli._HOMES


def test_dir_lists_every_public_name_before_it_is_used() -> None:
    code = "import boli; print(set(boli.__all__) <= set(dir(boli)), 'normalize' in vars(boli))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "True False\n"
    )


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'boli' has no attribute 'normalise'"):
        boli.normalise  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("name", boli.__all__)
def test_a_public_name_is_the_one_of_its_home(name: str, modules: dict[str, ModuleType]) -> None:
    assert getattr(boli, name) is getattr(modules[boli._HOMES[name]], name)
    assert name in vars(modules[boli._HOMES[name]])


@pytest.mark.parametrize("name", boli.__all__)
def test_a_public_name_does_its_work_after_every_module_was_imported(name: str, modules: dict[str, ModuleType]) -> None:
    assert not isinstance(getattr(boli, name), ModuleType)
    if inspect.isclass(getattr(boli, name)):
        assert name[0].isupper()
    else:
        assert CALLS[name]()


def test_every_public_function_is_called() -> None:
    assert set(CALLS) == {name for name in boli.__all__ if not inspect.isclass(getattr(boli, name))}


def test_no_module_has_the_name_of_a_public_name_of_its_package(modules: dict[str, ModuleType]) -> None:
    children = {name.rpartition(".")[::2] for name in module_names()}
    publics = {(name, public) for name, module in modules.items() for public in getattr(module, "__all__", ())}
    assert children & publics == set()


def test_what_a_package_lists_is_there_once_and_documented(modules: dict[str, ModuleType]) -> None:
    for name, module in modules.items():
        listed = list(getattr(module, "__all__", ()))
        assert len(listed) == len(set(listed)), f"{name}.__all__ lists a name twice"
        assert [public for public in listed if not hasattr(module, public)] == [], name
        things = {public: getattr(module, public) for public in listed}
        bare = [public for public, thing in things.items() if is_code(thing) and not own_docstring(thing)]
        assert bare == [], f"{name}: no docstring"


def test_what_a_package_imports_from_its_modules_it_lists(modules: dict[str, ModuleType]) -> None:
    for name, module in modules.items():
        if hasattr(module, "__path__") and name != "boli":
            tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
            imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
            brought = {
                each.asname or each.name for node in imports if str(node.module).startswith(name) for each in node.names
            }
            assert brought <= set(getattr(module, "__all__", ())), name


def is_code(thing: object) -> bool:
    return inspect.isclass(thing) or inspect.isroutine(thing)


def own_docstring(thing: object) -> str:
    text = inspect.getdoc(thing) or ""
    made_by_python = re.match(r"\w+\(.*\)$|Alias for field", text, re.DOTALL)
    return "" if made_by_python else text


@pytest.mark.parametrize("name", boli.__all__)
def test_a_public_name_has_a_docstring_with_an_example_that_runs(name: str) -> None:
    thing = getattr(boli, name)
    assert own_docstring(thing), f"boli.{name} has no docstring"
    found = doctest.DocTestFinder(recurse=False).find(thing, name, globs=vars(sys.modules[thing.__module__]).copy())
    examples = [example for test in found for example in test.examples]
    assert examples, f"boli.{name} has no example (>>>) in its docstring"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert [runner.run(test).failed for test in found] == [0] * len(found)
