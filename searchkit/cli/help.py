"""`searchkit help`: topics, commands, and manual pages."""

import click


@click.command("help")
@click.argument("topic", nargs=-1, metavar="[TOPIC]")
@click.option("--man", "as_man", is_flag=True, help="Print a manual page: searchkit help --man query | man -l -")
@click.pass_context
def command(ctx: click.Context, topic: tuple[str, ...], as_man: bool) -> None:
    """Explain a TOPIC: query, fields, dates, exit-codes, or a command (`searchkit help watchlist add`).

    `searchkit help query` is a cheat sheet of the query language.
    """
    from searchkit.cli import COMMANDS
    from searchkit.cli.topics import TOPICS

    name = " ".join(topic)
    if name in TOPICS and not as_man:
        click.echo(TOPICS[name]())
        return
    above = ctx.find_root()
    if name in TOPICS and name not in COMMANDS:
        from searchkit.cli.man import topic_page

        click.echo(topic_page(name), nl=False)
        return
    for part in topic:
        found = above.command.get_command(above, part) if isinstance(above.command, click.Group) else None
        if found is None:
            raise click.UsageError(f"There is no help on {name!r}. {_known()}", ctx)
        above = click.Context(found, info_name=part, parent=above)
    if as_man:
        from searchkit.cli.man import page

        click.echo(page(above), nl=False)
        return
    click.echo(above.get_help())
    if not topic:
        click.echo(f"\n{_known()}")


def _known() -> str:
    from searchkit.cli.topics import TOPICS

    return f"Topics: {', '.join(TOPICS)}, and every command: searchkit help TOPIC"
