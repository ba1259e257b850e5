"""Document text and addresses leave only through the functions that escape them.

The tests read the code of the package. Words of the package itself may be written as they are; all other values in a
line pass one of SAFE.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import searchkit
from tests.cases import cases

PACKAGE = Path(searchkit.__file__).parent
# What makes a value fit to be written, or a number of it.
SAFE = frozenset({"visible", "one_line", "counted", "cell", "safe_json", "len", "sum", "monotonic"})
# The only modules that write to a standard stream, each by a function that escapes, or bytes that were escaped before.
WRITERS = frozenset({"cli/output.py", "cli/errors.py", "web/failures.py"})
# Lines that hold values which no document and no address has a part in: where, and why.
OURS = dict(cases(__file__, "test_echoed_values_are_ours_or_escaped"))


@cache
def modules() -> dict[str, list[ast.AST]]:
    """Return all nodes of each module."""
    paths = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
    return {name: list(ast.walk(ast.parse(path.read_text(encoding="utf-8")))) for name, path in paths.items()}


def calls(nodes: Iterable[ast.AST], function: str) -> Iterator[ast.Call]:
    """Yield the calls of functions and methods whose dotted names match a regular expression."""
    for node in nodes:
        if isinstance(node, ast.Call) and re.search(rf"(?:^|\.)(?:{function})$", ast.unparse(node.func)):
            yield node


def unsafe(value: ast.expr) -> Iterator[str]:
    """Yield the names whose values a line contains without escaping."""
    if isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in SAFE:
        return
    if isinstance(value, ast.FormattedValue) and value.format_spec is not None:
        return  # a number: text has no such form here
    if isinstance(value, ast.IfExp):  # its condition is not printed
        yield from unsafe(value.body)
        yield from unsafe(value.orelse)
    elif isinstance(value, ast.Attribute):
        yield from unsafe(value.value)
    elif isinstance(value, ast.Name):
        yield value.id
    else:
        for child in ast.iter_child_nodes(value):
            if isinstance(child, ast.expr):
                yield from unsafe(child)


@pytest.mark.slow
def test_only_writers_write_to_a_standard_stream() -> None:
    found = {
        f"{module}:{call.lineno}"
        for module, nodes in modules().items()
        if module not in WRITERS
        for call in calls(nodes, r"print|secho|print_exception|pprint|input|sys\.std(?:out|err)\.(?:write|buffer).*")
    }
    assert found == set()


@pytest.mark.slow
def test_only_readers_of_files_use_logging() -> None:
    """A log line would not be escaped: reports contain all messages."""
    imported = {
        module
        for module, nodes in modules().items()
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom) and any("logging" in alias.name for alias in node.names)
    }
    assert {module for module in imported if not module.startswith(("crawl/", "parse/"))} == set()


@pytest.mark.slow
def test_echoed_values_are_ours_or_escaped() -> None:
    raw = {
        (module, name)
        for module, nodes in modules().items()
        for call in calls(nodes, "echo")
        for argument in call.args
        for name in unsafe(argument)
    }
    assert raw - OURS.keys() == set()
    assert OURS.keys() - raw == set(), "an exception is not needed any more"


@pytest.mark.slow
def test_commands_and_exports_write_json_with_one_function() -> None:
    dumping = {module for module, nodes in modules().items() for _ in calls(nodes, "dumps")}
    assert {module for module in dumping if module.startswith(("cli/", "export/"))} == set()


def test_lines_of_the_log_are_ascii() -> None:
    source = (PACKAGE / "update/running.py").read_text(encoding="utf-8")
    assert source.count("json.dumps(") == 1
    assert "ensure_ascii=True" in source


def test_unescaped_values_are_detected() -> None:
    (call,) = calls(ast.walk(ast.parse("click.echo(f'{document.title} {one_line(x)} {n:,}')")), "echo")
    assert list(unsafe(call.args[0])) == ["document"]
