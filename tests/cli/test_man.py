"""Manual pages name every command and option, and say nothing that roff would read as its own."""

import click
import pytest

from searchkit.cli import main
from searchkit.cli.man import contexts, escaped, page, title, topic_page
from searchkit.cli.topics import QUERIES, TOPICS
from tests.cli.conftest import Command

_REQUESTS = {"TH", "SH", "TP", "PP", "B", "BR", "nf", "fi", "sp"}
PAGES = {title(context): context for context in contexts(main.make_context("searchkit", [], resilient_parsing=True))}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_complete(name: str) -> None:
    context = PAGES[name]
    text = page(context)
    assert text.startswith(f'.TH "{escaped(name).upper()}" "1"')
    for parameter in context.command.get_params(context):
        if isinstance(parameter, click.Option):
            for option in (*parameter.opts, *parameter.secondary_opts):
                assert escaped(option) in text
            assert escaped(parameter.help or "") in text
    if isinstance(context.command, click.Group):
        for below in context.command.list_commands(context):
            assert f"{name}-{below}" in PAGES
            assert f".BR {escaped(f'{name}-{below}')} (1)" in text


@pytest.mark.parametrize("name", PAGES)
def test_only_our_requests_begin_with_a_sign_of_roff(name: str) -> None:
    for line in page(PAGES[name]).splitlines():
        assert line
        assert not line.startswith("'")
        if line.startswith("."):
            assert line[1:].split(" ")[0] in _REQUESTS


def test_signs_of_roff_are_escaped() -> None:
    assert escaped(".TH -x  'a'\n\\fB `^~\"") == "\\&.TH \\-x \\(aqa\\(aq \\efB \\(ga\\(ha\\(ti\\(dq"
    assert escaped("'quoted'") == "\\&\\(aqquoted\\(aq"
    assert escaped("plain") == "plain"


def test_the_first_page_has_the_cheat_sheet_and_the_exit_codes() -> None:
    text = page(PAGES["searchkit"])
    for query, _ in QUERIES:
        assert escaped(query).removeprefix("\\&") in text
    assert ".SH EXIT CODES" in text
    assert "  130  interrupted; what was committed is kept" in text


def test_examples_keep_their_lines() -> None:
    lines = page(PAGES["searchkit-completion"]).splitlines()
    place = lines.index("    eval \\(dq$(searchkit completion bash)\\(dq")
    assert (lines[place - 1], lines[place + 1]) == (".nf", ".fi")


def test_help_prints_a_page(searchkit: Command) -> None:
    done = searchkit("help", "--man", "watchlist", "add")
    assert (done.code, done.err) == (0, "")
    assert done.out == page(PAGES["searchkit-watchlist-add"])
    assert searchkit("help", "--man", "query").out == page(PAGES["searchkit-query"])
    # A command and a topic are called so: the page of the command is meant, and help prints the topic.
    assert "searchkit\\-query" in searchkit("help", "--man", "query").out
    assert searchkit("help", "--man", "nothing").code == 2


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_a_page(topic: str, searchkit: Command) -> None:
    text = topic_page(topic)
    assert text.startswith(f'.TH "SEARCHKIT\\-{escaped(topic).upper()}" "7"')
    for word in TOPICS[topic]().split():
        assert escaped(word).removeprefix("\\&") in text
    for line in text.splitlines():
        assert not line.startswith("'")
        assert not line.startswith(".") or line[1:].split(" ")[0] in _REQUESTS
    if topic != "query":
        done = searchkit("help", "--man", topic)
        assert (done.code, done.err, done.out) == (0, "", text)
