"""No text of a document leaves by another way than the functions that make it safe, and no secret of an address does.

In the spirit of test_patterns.py: the package is read, and what writes is looked at. Words that the package itself made
may be written as they are; whatever else is put into a line passes one of SAFE.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import searchkit

PACKAGE = Path(searchkit.__file__).parent
# What makes a value fit to be written, or a number of it.
SAFE = frozenset({"visible", "one_line", "counted", "cell", "safe_json", "len", "sum", "monotonic"})
# The only modules that write to a standard stream, each by a function that escapes, or bytes that were escaped before.
WRITERS = frozenset({"cli/output.py", "cli/errors.py"})
# JSON that no command prints: our schemas.
OWN_JSON = frozenset({"cli/schema.py"})
# Lines that hold values which no document and no address has a part in: where, and why.
OURS = {
    ("cli/index.py", "counts"): "names of statuses and their numbers",
    ("cli/maintenance.py", "annotated"): "a number and words of ours",
    ("cli/alerts.py", "matches"): "a number and its noun",
    ("cli/alerts.py", "others"): "numbers and words of ours",
    ("cli/saved.py", "faults"): "a number, or none",
    ("cli/watchlist.py", "have"): "a number and a verb",
    ("cli/watchlist.py", "entries"): "a number and its noun",
    ("cli/watchlist.py", "MOST_BEARERS"): "a number of ours",
    ("cli/watchlist.py", "reason"): "words of ours, from a table",
    ("cli/watchlist.py", "kept"): "a name that is a slug, and a form of ours",
    ("cli/schedule.py", "system"): "a choice of ours",
    ("cli/schedule.py", "_CRON"): "words of ours, with what the user typed, quoted for a shell",
    ("cli/schedule.py", "_SERVICE"): "as above",
    ("cli/schedule.py", "_TIMER"): "as above",
    ("cli/errors.py", "error"): "what click says of the command line; words of ours",
    ("cli/errors.py", "_cut"): "leaves out the middle of what was made safe",
    ("cli/help.py", "name"): "a topic of ours, which is looked up",
    ("cli/help.py", "context"): "a command of ours",
    ("cli/help.py", "TOPICS"): "pages of ours",
    ("cli/help.py", "known"): "names of topics and commands",
    ("cli/__init__.py", "__version__"): "our version",
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def name_of(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def unsafe(value: ast.expr) -> Iterator[str]:
    """The names whose values a line takes in as they are."""
    if isinstance(value, ast.Call) and name_of(value.func) in SAFE:
        return
    if isinstance(value, ast.FormattedValue) and value.format_spec is not None:
        return  # a number: text has no such form here
    if isinstance(value, ast.Attribute):
        yield from unsafe(value.value)
    elif isinstance(value, ast.Name):
        yield value.id
    else:
        for child in ast.iter_child_nodes(value):
            if isinstance(child, ast.expr):
                yield from unsafe(child)


@pytest.mark.slow
def test_nobody_prints_and_nobody_writes_to_a_stream_but_those_who_escape() -> None:
    found = {
        f"{module}:{node.lineno}"
        for module, tree in modules()
        if module not in WRITERS
        for node in calls(tree)
        if name_of(node.func) in {"print", "secho", "print_exception", "pprint", "input"}
        or ast.unparse(node.func).startswith(("sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer"))
    }
    assert found == set()


@pytest.mark.slow
def test_nothing_logs_by_itself() -> None:
    """No logger, whose lines nobody escapes: what there is to say goes into reports."""
    imported = {
        f"{module}:{node.lineno}"
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and any("logging" in alias.name for alias in node.names)
    }
    assert {one for one in imported if not one.startswith(("crawl/", "parse/"))} == set()


@pytest.mark.slow
def test_what_is_echoed_is_ours_or_made_safe() -> None:
    raw = {
        (module, name)
        for module, tree in modules()
        for node in calls(tree)
        if name_of(node.func) == "echo"
        for argument in node.args
        for name in unsafe(argument)
    }
    assert raw - OURS.keys() == set()
    assert OURS.keys() - raw == set(), "no leave is given that nobody needs"


@pytest.mark.slow
def test_json_of_a_command_is_written_by_one_function() -> None:
    dumps = {
        module
        for module, tree in modules()
        for node in calls(tree)
        if module not in OWN_JSON
        and ast.unparse(node.func) == "json.dumps"
        and module.startswith(("cli/", "archive/dossier", "archive/evidence"))
    }
    assert dumps == set()


def test_lines_of_the_log_are_ascii() -> None:
    """The log is one line a run, whatever stands in the addresses: everything else is an escape."""
    source = (PACKAGE / "update.py").read_text(encoding="utf-8")
    assert source.count("json.dumps(") == 1
    assert "ensure_ascii=True" in source


def test_a_writer_that_is_no_writer_is_seen() -> None:
    tree = ast.parse("click.echo(f'{document.title} {one_line(x)} {n:,}')")
    (call,) = (node for node in calls(tree) if name_of(node.func) == "echo")
    assert list(unsafe(call.args[0])) == ["document"]
