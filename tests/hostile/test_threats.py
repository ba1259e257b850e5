"""Every threat has tests, and every test that is named exists."""

import ast
from pathlib import Path

from tests.hostile.threats import THREATS

TESTS = Path(__file__).resolve().parents[1]


def functions(path: Path) -> set[str]:
    return {
        node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }


def test_every_threat_has_tests_that_exist() -> None:
    assert len(THREATS) >= 19
    assert all(THREATS.values())
    named = {test for tests in THREATS.values() for test in tests}
    missing = []
    for test in sorted(named):
        file, _, function = test.partition("::")
        path = TESTS / file
        if not path.is_file() or function not in functions(path):
            missing.append(test)
    assert missing == []
