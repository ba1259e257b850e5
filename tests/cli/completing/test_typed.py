"""Lines as typed in bash."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.cli.completing.typed import quoted, typed


@pytest.mark.parametrize(
    ("line", "words", "last", "raw", "quote"),
    [
        ("", (), "", "", ""),
        ("searchkit ", ("searchkit",), "", "", ""),
        ("searchkit query spe", ("searchkit", "query"), "spe", "spe", ""),
        ("searchkit query 'Tiandy spe", ("searchkit", "query"), "Tiandy spe", "'Tiandy spe", "'"),
        ('searchkit query "a \\"b', ("searchkit", "query"), 'a "b', '"a \\"b', '"'),
        ("x a\\ b\"c d\"'e' f", ("x", "a bc de"), "f", "f", ""),
        ("x '' \"\" y", ("x", "", ""), "y", "y", ""),
        ('x speaker:=\\"Xu\\ Gu', ("x",), 'speaker:="Xu Gu', 'speaker:=\\"Xu\\ Gu', ""),
        ('x "a\\b', ("x",), "a\\b", '"a\\b', '"'),
        ("x a\\", ("x",), "a", "a\\", ""),
    ],
)
def test_words(line: str, words: tuple[str, ...], last: str, raw: str, quote: str) -> None:
    found = typed(line)
    assert (found.words, found.last, found.raw, found.quote) == (words, last, raw, quote)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1), max_size=4))
def test_what_a_shell_quotes_is_read(words: list[str]) -> None:
    assert typed(shlex.join(words) + " ").words == tuple(words)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n")), st.sampled_from(["", "'", '"']))
def test_what_is_quoted_reads_as_it_was(text: str, quote: str) -> None:
    assert typed(quote + quoted(text, quote)).last == text


@pytest.mark.parametrize(
    ("line", "replaced", "wanted", "replacement"),
    [
        ("x spe", "spe", "speaker:", "speaker:"),
        ("x speaker:xu", "xu", 'speaker:="Xu Guixiang"', '=\\"Xu\\ Guixiang\\"'),
        ("x speaker:", "", 'speaker:="Xu Guixiang"', '=\\"Xu\\ Guixiang\\"'),
        ("x 'speaker:xu", "speaker:xu", 'speaker:="O\'Brien"', "speaker:=\"O'\\''Brien\""),
        ('x "speaker:xu', "speaker:xu", 'speaker:="Xu"', 'speaker:=\\"Xu\\"'),
        ("x --format=cs", "cs", "--format=csv", "csv"),
        ("x a; rm", "rm", "$(reboot) `x`", "\\$\\(reboot\\)\\ \\`x\\`"),
    ],
)
def test_only_the_end_of_the_word_is_replaced(line: str, replaced: str, wanted: str, replacement: str) -> None:
    assert typed(line).replacement(wanted, replaced) == replacement
