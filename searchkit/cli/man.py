"""Manual pages in roff, made from the commands themselves.

takes:    the context of a command, or the name of a topic
gives:    its manual page, of a topic in section 7; for `searchkit` itself a list of all commands, the exit codes and
          the cheat sheet too
does not: write files (scripts/man does)
traps:    roff reads a full stop or an apostrophe at the start of a line, a backslash and a hyphen in its own way
"""

import re
from collections.abc import Iterator

import click

# What `man` cannot do without; the date would make every release differ without a word changed.
_HEADER = '.TH "{title}" "{section}" "" "searchkit {version}" "searchkit"'
# A backslash first, as the others bring their own.
_SIGNS = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}
# What each topic explains, in one line.
TITLES = {
    "query": "how to ask: a cheat sheet of the query language",
    "fields": "the fields of the query language",
    "dates": "how to write dates in queries",
    "exit-codes": "what the exit codes mean",
}
_BLANKS = re.compile(r"\s{1,2000}")


def page(context: click.Context) -> str:
    """The manual page of the command in `context`."""
    return "\n".join(_lines(context)) + "\n"


def title(context: click.Context) -> str:
    """The name of the page: `searchkit-watchlist-add`."""
    return context.command_path.replace(" ", "-")


def topic_page(topic: str) -> str:
    """The manual page of one of TOPICS."""
    from searchkit.cli.topics import TOPICS

    first, _, rest = TOPICS[topic]().partition("\n\n")
    lines = [
        _header(f"searchkit-{topic}", "7"),
        ".SH NAME",
        f"{escaped(f'searchkit-{topic}')} \\- {escaped(TITLES[topic])}",
        ".SH DESCRIPTION",
        escaped(first),
        ".PP",
        *_unfilled(rest),
        ".SH SEE ALSO",
        ".BR searchkit (1)",
    ]
    return "\n".join(lines) + "\n"


def contexts(context: click.Context) -> Iterator[click.Context]:
    """The command in `context` and every command below it."""
    yield context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None:
                yield from contexts(click.Context(command, info_name=name, parent=context))


def escaped(text: str) -> str:
    """`text` as roff prints it letter by letter; white space runs as one blank."""
    return _line(_BLANKS.sub(" ", text).strip())


def _line(text: str) -> str:
    """One line with all its blanks."""
    for sign, name in _SIGNS.items():
        text = text.replace(sign, name)
    return f"\\&{text}" if text.startswith((".", "\\(aq")) else text


def _header(name: str, section: str) -> str:
    from searchkit import __version__

    return _HEADER.format(title=escaped(name).upper(), section=section, version=escaped(__version__))


def _lines(context: click.Context) -> Iterator[str]:
    command = context.command
    yield _header(title(context), "1")
    yield ".SH NAME"
    yield f"{escaped(title(context))} \\- {escaped(command.get_short_help_str(200))}"
    yield ".SH SYNOPSIS"
    yield f".B {escaped(context.command_path)}"
    yield escaped(" ".join(command.collect_usage_pieces(context)))
    yield ".SH DESCRIPTION"
    yield from _paragraphs(command.help or "")
    yield ".SH OPTIONS"
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record:
            yield from (".TP", f".B {escaped(record[0])}", escaped(record[1]))
    if isinstance(command, click.Group):
        yield from _commands(context, command)
    if context.parent is None:
        yield from _topics()
    else:
        yield ".SH SEE ALSO"
        yield f".BR {escaped(title(context.parent))} (1)"


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        if paragraph.startswith("\b"):  # click leaves such a paragraph as it is
            yield from _unfilled(paragraph.removeprefix("\b").strip("\n"))
        else:
            yield escaped(paragraph)


def _unfilled(text: str) -> Iterator[str]:
    yield ".nf"
    for line in text.splitlines():
        yield _line(line) if line.strip() else ".sp"
    yield ".fi"


def _commands(context: click.Context, group: click.Group) -> Iterator[str]:
    yield ".SH COMMANDS"
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None:
            yield from (
                ".TP",
                f".BR {escaped(f'{title(context)}-{name}')} (1)",
                escaped(command.get_short_help_str(200)),
            )


def _topics() -> Iterator[str]:
    from searchkit.cli.topics import TOPICS

    for name, text in TOPICS.items():
        yield f".SH {escaped(name.replace('-', ' ')).upper()}"
        yield from _unfilled(text())
