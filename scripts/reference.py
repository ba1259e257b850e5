"""Generate docs/reference/: commands from --help, JSON from the schemas, errors from the places that raise them.

Usage: reference.py. `pages()` returns the same texts, for the test that compares them with the files.
"""

import ast
import json
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
        "its schema in the key `schema`, for example `searchkit.query/1`. Within a version, keys are only added.",
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
                meaning = " ".join(str(value.get("description", "")).split()).replace("|", "\\|")
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


def error_messages() -> str:
    """Return the page of all error messages: the text, and what to do."""
    rows: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "searchkit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ERRORS and node.args:
                hint = next((keyword.value for keyword in node.keywords if keyword.arg == "hint"), None)
                message = _template(node.args[0])
                if message.strip("… "):
                    rows.setdefault(node.func.id, {}).setdefault(message, _template(hint) if hint else "")
    lines = ["# Errors", "", "Every message, by kind. `…` stands for a value. The second column says what to do.", ""]
    for name in sorted(rows):
        meaning = (_ERRORS[name].__doc__ or "").splitlines()[0]
        lines += [f"## {name}", "", meaning, "", "| message | what to do |", "|---|---|"]
        lines += [f"| {message} | {hint} |" for message, hint in sorted(rows[name].items())]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _template(node: ast.expr) -> str:
    """Return the text of a string expression, with `…` for each value in it."""
    match node:
        case ast.Constant(value=str(text)):
            return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
        case ast.JoinedStr(values=parts):
            return "".join(
                part.value.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
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
