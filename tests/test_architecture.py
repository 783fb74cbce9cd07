"""The promises that no single test of behaviour can show: who may import whom, and that no tool can send."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from tools.registry import all_tools

ROOT = Path(__file__).parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["root_packages"]
# The settings; and a child process that inherits the environment. The sandbox is a program of its own.
READS_ENVIRONMENT = {"crm/settings.py", "wiring/chroma.py"}


def arguments(tool: BaseTool) -> dict[str, Any]:
    """The arguments in the schema that goes to the model."""
    schema: dict[str, Any] = convert_to_openai_tool(tool)["function"]["parameters"]["properties"]
    return schema


def sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(module: ast.Module) -> set[str]:
    """Every dotted name a module imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_every_top_level_name_is_ours(package: str) -> None:
    spec = importlib.util.find_spec(package)

    assert spec is not None and spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


def test_no_folder_of_tests_shadows_a_package() -> None:
    folders = [path.parent for path in (ROOT / "tests").rglob("*.py")]

    assert [folder for folder in set(folders) if not (folder / "__init__.py").exists()] == []


def test_no_face_holds_a_file_with_the_name_of_a_package() -> None:
    names = set(PACKAGES)

    assert [path for face in ("ui", "slack_app") for path in (ROOT / face).rglob("*.py") if path.stem in names] == []


def test_the_import_contracts_hold() -> None:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("package", ["agent", "tools"])
def test_nothing_the_model_reaches_names_a_way_to_send(package: str) -> None:
    forbidden = {"outbox.sender", "outbox.approvals", "gmail.sending", "gmail.service", "smtplib"}
    for path, module in sources(package):
        assert not imported(module) & forbidden, path
        called = (node.func for node in ast.walk(module) if isinstance(node, ast.Call))
        calls = {function.attr for function in called if isinstance(function, ast.Attribute)}
        assert not calls & {"send", "send_message", "sendmail", "approve"}, path
        assert "messages().send" not in (ROOT / path).read_text("utf-8"), path


def test_one_module_calls_gmails_send_and_one_imports_it() -> None:
    callers = [path for path, _ in sources(*PACKAGES) if "messages().send(" in (ROOT / path).read_text("utf-8")]
    importers = [path for path, module in sources(*PACKAGES) if "gmail.sending" in imported(module)]

    assert [path for path in callers if not path.startswith("sandbox/")] == ["gmail/sending.py"]
    assert importers == ["outbox/sender.py"]


def test_no_tool_could_send_by_its_name_or_its_arguments() -> None:
    """What a model is offered names neither a recipient, nor an approval, nor whose mail to read."""
    tools = {tool.name: tool for tool in all_tools()}

    assert len(tools) == len(all_tools()) >= 7
    for name, tool in tools.items():
        assert set(arguments(tool)) <= {"query", "most", "last", "oldest_first", "skip", "terms", "mail", "text"}, name
        assert not set(name.split("_")) & {"send", "approve", "forward", "delete", "http", "fetch"}, name
    assert [name for name, tool in tools.items() if "text" in arguments(tool)] == ["draft_reply"]
    assert set(arguments(tools["draft_reply"])) == {"mail", "text"}


def test_the_environment_is_read_in_one_place() -> None:
    readers = set()
    for path, module in sources(*(name for name in PACKAGES if name != "sandbox")):
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
                readers |= {path} if node.attr in ("environ", "getenv", "environb") else set()
        if imported(module) & {"os.environ", "os.getenv"}:
            readers.add(path)

    assert readers <= READS_ENVIRONMENT


def test_importing_does_no_work(tmp_path: Path) -> None:
    """No connection, no file written, no model loaded: those come from factories."""
    environment = {**os.environ, "HOME": str(tmp_path), "LEALUP_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTING],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert list(tmp_path.iterdir()) == []


_IMPORTING = """
import sys, threading

def watch(event, args):
    if event in ("socket.connect", "sqlite3.connect"):
        seen.append((event, args))
    elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        if "__pycache__" not in str(args[0]) and str(args[0]) != "/dev/null":
            seen.append((event, args))

seen = []
sys.addaudithook(watch)
import wiring.app, cli.main, slack_app.app
assert not seen, seen
assert threading.active_count() == 1, threading.enumerate()
"""
