"""Measure the structure of searchkit/: sizes, import cycles, imports inside functions, banned words.

Usage: structure.py [--list]. Exit code 1 if a limit is exceeded. Imports count wherever they stand: at the top of a
module, inside a function, and behind TYPE_CHECKING.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_MODULE_LINES = 500
MAX_FUNCTION_IMPORTS = 70  # what few archives use, such as an extra, loads on use
BANNED = re.compile(r"\b(?:told|tells|asked of|anew|mend(?:s|ed|ing)?|parted|meanwhile|nobody)\b", re.IGNORECASE)
# Files that list the words, articles, and tests with their sentences.
UNCHECKED = re.compile(r"^(?:scripts/structure\.py|CONTRIBUTING\.md|seeds/|tests/|LICENSE)")
# Word lists; their comments are checked.
WORD_LIST = re.compile(r"^searchkit/.*\.txt$")


def module_names() -> dict[str, Path]:
    """Return the path of every module of searchkit by its dotted name."""
    found = {}
    for path in sorted((ROOT / "searchkit").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(node: ast.AST, modules: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of searchkit that an import statement names."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            if inner in modules or node.module in modules:
                yield inner if inner in modules else node.module


def function_imports(tree: ast.Module, modules: dict[str, Path]) -> list[int]:
    """Return the lines of import statements inside functions that name a module of searchkit."""
    lines: set[int] = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            imports = (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))
            lines.update(node.lineno for node in imports if any(imported(node, modules)))
    return sorted(lines)


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other (strongly connected components, Tarjan 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            place = stack.index(name)
            group = stack[place:]
            del stack[place:]
            if len(group) > 1 or name in graph[name]:
                groups.append(sorted(group))

    for name in sorted(graph):
        if name not in number:
            visit(name)
    return groups


def banned_words() -> Iterator[str]:
    """Yield each place in code, docs and messages that has a banned word (CONTRIBUTING.md, Language)."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if UNCHECKED.match(name) or path.suffix not in {".py", ".md", ".toml", ".txt", ".sh", ""} or not path.is_file():
            continue
        output = False  # inside an example, which quotes articles
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            output = line.startswith(("```console", "```text")) or (output and not line.startswith("```"))
            data = WORD_LIST.match(name) and not line.startswith("#")
            if not output and not data and BANNED.search(line):
                yield f"{name}:{number}: {line.strip()[:100]}"


def main() -> int:
    """Print the figures; with --list, the places behind them too."""
    modules = module_names()
    sources = {name: path.read_text(encoding="utf-8") for name, path in modules.items()}
    trees = {name: ast.parse(source) for name, source in sources.items()}
    lines = {name: source.count("\n") for name, source in sources.items()}
    graph = {
        name: {other for node in ast.walk(tree) for other in imported(node, modules)} for name, tree in trees.items()
    }
    lazy = [f"{modules[name]}:{line}" for name, tree in trees.items() for line in function_imports(tree, modules)]
    long = [f"{modules[name]} has {count} lines" for name, count in lines.items() if count > MAX_MODULE_LINES]
    circles = [" <-> ".join(group) for group in cycles(graph)]
    words = list(banned_words())
    tests = sum(path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "tests").rglob("*.py"))
    print(f"{sum(lines.values())} lines in {len(modules)} modules; {tests} lines of tests")
    checks = (
        ("modules over 500 lines", long, 0),
        ("import cycles", circles, 0),
        ("imports inside functions", lazy, MAX_FUNCTION_IMPORTS),
        ("lines with a banned word", words, 0),
    )
    failed = False
    for title, places, most in checks:
        failed |= len(places) > most
        print(f"{len(places)} {title} (at most {most})")
        if "--list" in sys.argv or (len(places) > most and "--quiet" not in sys.argv and len(places) < 20):
            print(*(f"  {place}" for place in places), sep="\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
