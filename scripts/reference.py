"""Generate docs/reference/: commands from --help, JSON from the schemas, errors from the places that raise them.

Usage: reference.py. `pages()` returns the same texts, for the test that compares them with the files.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from searchkit import errors
from searchkit.cli import main as searchkit_command
from searchkit.cli.errors import EXIT_CODES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
_ERRORS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
_WORD = re.compile(r"[A-Za-z]{2,}")
_NOTHING = ast.Constant("")
_LATER = ast.Constant("The next run tries again.")


def commands() -> str:
    """Return the page of all commands."""
    lines = ["# Commands", "", "Generated from `--help`. Every command also takes `--archive PATH` and `--help`.", ""]
    root = click.Context(searchkit_command, info_name="searchkit", **searchkit_command.context_settings)
    for path, command, context in _commands(searchkit_command, root):
        context.max_content_width = context.terminal_width = 100
        lines += [f"## {path}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    lines += ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _commands(below, click.Context(below, info_name=name, parent=context))


def json_schemas() -> str:
    """Return the page of all JSON output."""
    lines = [
        "# JSON",
        "",
        "`searchkit schema` lists the schemas, `searchkit schema NAME` prints one as JSON Schema. Each output names",
        "its schema in the key `schema`, for example `searchkit.query/1`. From the release of 0.1.0 on, keys are only "
        "added within a version.",
        "",
    ]
    for line in _run("schema").splitlines():
        name = line.split()[0]
        schema = json.loads(_run("schema", name))
        lines += [f"## {name}", "", str(schema.get("title") or schema.get("description") or ""), ""]
        for title, part in _objects(schema):
            required = set(part.get("required", ()))
            lines += [*([f"### {name}: {title}", ""] if title else []), "| key | type | |", "|---|---|---|"]
            for key, value in part["properties"].items():
                stated = "Name and version of this schema." if key == "schema" else value.get("description", "")
                meaning = " ".join(str(stated).split()).replace("|", "\\|")
                optional = "" if key in required else " (optional)"
                lines.append(f"| `{key}` | {_type(value)}{optional} | {meaning} |")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if schema.get("properties"):
        yield "", schema
    for name, part in sorted(schema.get("$defs", {}).items()):
        if part.get("properties"):
            yield name, part


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(part) for part in schema[several]))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any")
    if "prefixItems" in schema:
        return f"[{', '.join(map(_type, schema['prefixItems']))}]"
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "searchkit", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


_ITEMS = "Items that fail"
_ITEMS_MEANING = "Reasons why a file, a page or a line was skipped or failed. The run continues without it."


def error_messages() -> str:
    """Return the page of error messages, each with its advice."""
    rows: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "searchkit").rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        assigned = sorted(
            (node for node in ast.walk(module) if isinstance(node, ast.Assign)), key=lambda node: node.lineno
        )
        for kind, message, hint in _messages(module):
            stated, advice = (_template(_value(part, assigned)) for part in (message, hint))
            stated = stated.strip(" /")
            if len(_WORD.findall(stated)) > stated.count("…"):  # not only values
                rows.setdefault(kind, {}).setdefault(stated, advice if _WORD.search(advice) else "")
    lines = [
        "# Errors",
        "",
        "The messages in the source code of this version, by kind, with the advice below them in italics. `…` stands",
        "for a value. This page omits notes, messages about options on the command line, and messages that consist of",
        "values only, such as errors of the operating system.",
        "",
    ]
    for name in sorted(rows):
        meaning = _ITEMS_MEANING if name == _ITEMS else (_ERRORS[name].__doc__ or "").splitlines()[0]
        lines += [f"## {name}", "", meaning, ""]
        lines += [f"- {message}" + (f" *{hint}*" if hint else "") for message, hint in sorted(rows[name].items())]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _value(node: ast.expr, assigned: list[ast.Assign]) -> ast.expr:
    """Return what the name `node` was last assigned above its use; other expressions as they are."""
    values = [
        other.value
        for other in assigned
        if isinstance(node, ast.Name) and ast.unparse(other.targets[0]) == node.id and other.lineno < node.lineno
    ]
    return values[-1] if values else node


def _messages(module: ast.Module) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Yield the kind, the message and the hint of each error that a module raises."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.endswith(("_fault", "_reason")):
            returned = (part.value for part in ast.walk(node) if isinstance(part, ast.Return))
            yield from ((_ITEMS, value, _NOTHING) for value in returned if value is not None)
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        hint = named.get("hint", _NOTHING)
        if called in {"fail", "Fault"} and len(node.args) > 2:
            yield "QueryError", node.args[1], node.args[4] if len(node.args) > 4 else hint
        elif called == "Refused" and "reason" in named:
            yield _ITEMS, named["reason"], _NOTHING
        elif called in {"FetchFailed", "InputError"} and node.args:
            yield _ITEMS, node.args[0], _LATER if "temporary" in named else hint
        elif called in _ERRORS and node.args:
            yield called, node.args[0], hint


def _template(node: ast.expr) -> str:
    """Return the text of a string expression in Markdown, with `…` for each value in it."""
    match node:
        case ast.Constant(value=str(text)):
            return " ".join(text.split()).replace("*", "\\*").replace("<", "&lt;")
        case ast.JoinedStr(values=parts):
            return "".join(
                part.value.replace("*", "\\*").replace("<", "&lt;").replace("\n", " ")
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
                else "…"
                for part in parts
            )
        case ast.IfExp(body=first, orelse=second):
            return f"{_template(first)} / {_template(second)}"
    return "…"


def pages() -> dict[str, str]:
    """Return the text of each generated page, by file name."""
    return {"commands.md": commands(), "json.md": json_schemas(), "errors.md": error_messages()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file_name, text in pages().items():
        (FOLDER / file_name).write_text(text, encoding="utf-8")
