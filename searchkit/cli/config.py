"""`searchkit config`: the settings and where each comes from."""

import click
from msgspec import Struct

from searchkit.cli.options import archive_option, json_option, settings
from searchkit.cli.output import write_json, write_lines


class SettingRecord(Struct, frozen=True, kw_only=True):
    """The value of a setting, and what set it."""

    value: str
    origin: str


class SettingsReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.config/1"):
    """The settings by name."""

    settings: dict[str, SettingRecord]


@click.command("config")
@json_option
@archive_option
def command(as_json: bool) -> None:
    """List the settings, their values and where each comes from.

    The first of these that sets a value wins: an option, the environment (SEARCHKIT_ARCHIVE...), searchkit.toml in this
    folder or above, the default.
    """
    listed = settings().settings()
    if as_json:
        values = {setting.name: SettingRecord(value=setting.value, origin=setting.origin) for setting in listed}
        write_json(SettingsReport(settings=values))
        return
    names = max(len(setting.name) for setting in listed)
    width = max(len(setting.value) for setting in listed)
    write_lines(
        [
            (f"{setting.name:{names}} ", "bold"),
            (f"{setting.value.removesuffix(':'):{width}}  ", ""),
            (f"from {setting.origin}: {setting.describes}", "dim"),
        ]
        for setting in listed
    )
