"""`searchkit config`: the settings and where each comes from."""

import click

from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import write_json, write_lines


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_context
def command(ctx: click.Context, as_json: bool, archive: str | None) -> None:
    """List the settings, their values and where each comes from.

    Strongest first: a flag, the environment (SEARCHKIT_ARCHIVE...), searchkit.toml in this folder or above, the
    default.
    """
    listed = settings(ctx, archive).settings()
    if as_json:
        values = {setting.name: {"value": setting.value, "origin": setting.origin} for setting in listed}
        write_json({"schema": "searchkit.config/1", "settings": values})
        return
    width = max(len(setting.value) for setting in listed)
    for setting in listed:
        write_lines(
            [
                [
                    (f"{setting.name:12} ", "bold"),
                    (f"{setting.value:{width}}  ", ""),
                    (f"from {setting.origin}: {setting.describes}", "dim"),
                ]
            ]
        )
