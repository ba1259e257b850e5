"""Measure the structure of searchkit/: sizes, complexity, import cycles, imports inside functions, banned words.

Usage: structure.py [--list | --lower]. Exit code 1 if a figure exceeds its ceiling in ceilings.toml, or if that file
raises a ceiling without an equal cut since the last commit; --lower writes the figures that are below their ceilings.
Imports count wherever they stand: at the top of a module, inside a function, and behind TYPE_CHECKING.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CEILINGS = "scripts/ceilings.toml"
MAX_MODULE_LINES = 500
MAX_COMPLEXITY = 20
MAX_PARAMETERS = 6
BRANCHES = (
    ast.If | ast.IfExp | ast.For | ast.AsyncFor | ast.While | ast.ExceptHandler | ast.comprehension | ast.match_case
)
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
BANNED = re.compile(r"\b(?:told|tells|asked of|anew|mend(?:s|ed|ing)?|parted|meanwhile|nobody)\b", re.IGNORECASE)
# Phrases that are not English, in docstrings and comments (CONTRIBUTING.md, Language).
UNCLEAR = re.compile(r"(?<![Tt]here )\bis (?:no(?! longer)|none)\b|\bof ours\b|\banother (?:\w+ ){1,3}than\b")
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


def function_imports(nodes: list[ast.AST], modules: dict[str, Path]) -> list[int]:
    """Return the lines of import statements inside functions that name a module of searchkit."""
    imports = [
        node.lineno for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) and any(imported(node, modules))
    ]
    functions = [(node.lineno, node.end_lineno or 0) for node in nodes if isinstance(node, FUNCTIONS)]
    return sorted(line for line in imports if any(first <= line <= last for first, last in functions))


def complexity(function: ast.AST) -> int:
    """Return the number of ways through a function: its branches and conditions, each `and` and `or` included."""
    inside = list(ast.walk(function))
    branches = sum(
        1 + len(node.ifs) if isinstance(node, ast.comprehension) else isinstance(node, BRANCHES) for node in inside
    )
    return 1 + branches + sum(len(node.values) - 1 for node in inside if isinstance(node, ast.BoolOp))


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of parameters of a function, without `self` and `cls`."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return sum(name not in {"self", "cls"} for name in names)


def raised(ceilings: dict[str, dict[str, int]]) -> Iterator[str]:
    """Yield the ceilings that were raised since the last commit; the lines of rooms count in total."""
    is_changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", CEILINGS], cwd=ROOT, check=False).returncode
    revision = "HEAD" if is_changed else "HEAD^"
    earlier = subprocess.run(
        ["git", "show", f"{revision}:{CEILINGS}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if earlier.returncode:  # the first commit that has the file, or a clone without history
        return
    before = tomllib.loads(earlier.stdout)
    total, total_before = sum(ceilings["lines"].values()), sum(before["lines"].values())
    if total > total_before:
        yield f"lines in total: from {total_before} to {total}; cut as much elsewhere"
    for table in ("limits", "calls"):
        for name, most in ceilings[table].items():
            if most > before.get(table, {}).get(name, most):
                yield f"{name}: from {before[table][name]} to {most}"


def lower(ceilings: dict[str, dict[str, int]], figures: dict[str, dict[str, int]]) -> None:
    """Write the figures that are below their ceilings to the file, and leave its comments."""
    written = (ROOT / CEILINGS).read_text(encoding="utf-8")
    for table, values in figures.items():
        for name, figure in values.items():
            if figure < ceilings[table][name]:
                written = re.sub(rf"(?m)^{name} = \d+", f"{name} = {figure}", written)
    (ROOT / CEILINGS).write_text(written, encoding="utf-8")


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


def unclear_phrases(sources: dict[str, str], nodes: dict[str, list[ast.AST]]) -> Iterator[str]:
    """Yield each docstring and comment of these modules with an unclear phrase."""
    for name, source in sources.items():
        comments = re.finditer(r"(?m)(?:^|  ) *#(.*)", source)
        written = [(source.count("\n", 0, comment.start()) + 1, comment[1]) for comment in comments]
        constants = [node.value for node in nodes[name] if isinstance(node, ast.Expr)]
        written += [
            (text.lineno, " ".join(str(text.value).split())) for text in constants if isinstance(text, ast.Constant)
        ]
        for number, text in written:
            yield from (f"{name}:{number}: ... {phrase[0]} ..." for phrase in UNCLEAR.finditer(text))


def places() -> dict[str, list[str]]:
    """Return what each limit of ceilings.toml counts."""
    modules = module_names()
    sources = {name: path.read_text(encoding="utf-8") for name, path in modules.items()}
    nodes = {name: list(ast.walk(ast.parse(source))) for name, source in sources.items()}
    graph = {name: {other for node in inside for other in imported(node, modules)} for name, inside in nodes.items()}
    functions = [
        (f"{name}:{node.lineno} {node.name}", node)
        for name, inside in nodes.items()
        for node in inside
        if isinstance(node, FUNCTIONS)
    ]
    complex_ones = [(place, complexity(node)) for place, node in functions]
    wide_ones = [(place, parameters(node)) for place, node in functions]
    tests = [path.read_text(encoding="utf-8").splitlines() for path in sorted((ROOT / "tests").rglob("*.py"))]
    return {
        "modules": list(modules),
        "long_modules": [name for name, source in sources.items() if source.count("\n") > MAX_MODULE_LINES],
        "import_cycles": [" <-> ".join(group) for group in cycles(graph)],
        "function_imports": [
            f"{name}:{line}" for name, inside in nodes.items() for line in function_imports(inside, modules)
        ],
        "complex_functions": [f"{place}: {found}" for place, found in complex_ones if found > MAX_COMPLEXITY],
        "wide_functions": [f"{place}: {found}" for place, found in wide_ones if found > MAX_PARAMETERS],
        "banned_words": list(banned_words()),
        "unclear_phrases": list(unclear_phrases(sources, nodes)),
        "test_lines": [line for lines in tests for line in lines],
    }


def lines_by_room() -> Counter[str]:
    """Return the lines of each folder below searchkit/; `base` has the modules beside them."""
    rooms = Counter[str]()
    for path in module_names().values():
        inner = path.relative_to(ROOT / "searchkit").parts
        rooms[inner[0] if len(inner) > 1 else "base"] += path.read_text(encoding="utf-8").count("\n")
    return rooms


def main() -> int:
    """Print each figure with its ceiling; with --list, the places behind it; with --lower, lower the ceilings."""
    ceilings = tomllib.loads((ROOT / CEILINGS).read_text(encoding="utf-8"))
    rooms, found = lines_by_room(), places()
    figures = {"lines": dict(rooms), "limits": {name: len(counted) for name, counted in found.items()}}
    if "--lower" in sys.argv:
        lower(ceilings, figures)
        return 0
    failures = [
        f"{name}: {figure} exceed the ceiling of {ceilings[table].get(name, 0)}"
        for table, values in figures.items()
        for name, figure in values.items()
        if figure > ceilings[table].get(name, 0)
    ] + [f"ceiling raised: {change}" for change in raised(ceilings)]
    print(f"{sum(rooms.values())} lines; " + ", ".join(f"{count} {name}" for name, count in figures["limits"].items()))
    for name, counted in found.items():
        if name not in {"modules", "test_lines"} and ("--list" in sys.argv or 0 < len(counted) < 20):
            print(f"{name}:", *counted, sep="\n  ")
    if failures:
        print(*failures, f"Cut as much as the change adds; {CEILINGS} holds the ceilings.", sep="\n")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
