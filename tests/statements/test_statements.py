"""The statements of single texts, listed in statements.txt: `text => statement | statement`.

A heading names the rule, the language and what is shown of each statement (words, who, verb, kind, rule), joined by
" / ". Statements of one group are joined by " + ".
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.statements.names import finding as names
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.quotes.statement import Statement
from tests.statements.scene import article, find

_FILE = Path(__file__).with_name("statements.txt")


def _cases() -> Iterator[tuple[str, str, str, str]]:
    language = shown = ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            _, language, shown = line[3:].split(" | ")
        elif line and not line.startswith("#"):
            text, _, statements = line.replace("\\n", "\n").partition(" =>")
            yield language, shown, text, statements.strip()


def _found(text: str, language: str) -> list[Statement]:
    if language == "en":
        return find(text)
    scene = article(text, language=language)
    return list(quotes.find(scene, names.find(scene)).statements)


def _shown(statement: Statement, text: str, fields: str) -> str:
    parts = {
        "words": statement.content.of(text),
        "who": statement.attribution.of(text) if statement.attribution else "-",
        "verb": statement.verb or "-",
        "kind": statement.kind,
        "rule": statement.rule,
    }
    return " / ".join(parts[field] for field in fields.split())


@pytest.mark.parametrize(("language", "shown", "text", "statements"), tuple(_cases()))
def test_statements_of_a_text(language: str, shown: str, text: str, statements: str) -> None:
    found = _found(text, language)
    line, group = "", None
    for number, statement in enumerate(found):
        joint = (" + " if group is not None and statement.group == group else " | ") if number else ""
        line += joint + _shown(statement, text, shown)
        group = statement.group
    assert line == statements
