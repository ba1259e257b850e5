"""Options that several commands share, and the settings, archive, facets and output format they select."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click
from msgspec import Struct

from searchkit.archive import Archive
from searchkit.cli.completion import complete_facet
from searchkit.cli.output import say_note
from searchkit.config import Config, load
from searchkit.errors import UsageError
from searchkit.index.base import Sort

if TYPE_CHECKING:  # few commands check time stamps
    from searchkit.export.evidence.timestamps import TimestampRules

# Options that filter by the field of their name.
_NAME_FILTERS = {
    "speaker": "Only statements by NAME; repeat to match any of several names (OR).",
    "about": "Only statements about NAME.",
    "entity": "Only where NAME is mentioned.",
    "agency": "Only where this official body is mentioned.",
    "outlet": "Only published by NAME.",
}
FILTERS = (*_NAME_FILTERS, "verb", "kind")
_Command = TypeVar("_Command", bound=Callable[..., Any])
FORMATS = ("table", "json", "jsonl", "csv", "tsv", "ids")
_SHORT_FORMATS = ("json", "jsonl", "csv")
_QUERY = re.compile(r"""-[^-].{0,2000}[\s:"({]""", re.DOTALL)
_CLUSTER = re.compile(r"-[^\W\d_]{2,60}")


class QueryCommand(click.Command):
    """A command whose arguments are a query: do not read a word that starts with "-" as a bundle of options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:  # shell completion
            return super().parse_args(ctx, args)
        # A quoted query that starts with "-" is not a bundle of options; a leading blank keeps click from trying.
        args = [f" {argument}" if _QUERY.match(argument) else argument for argument in args]
        words = args.index("--") if "--" in args else len(args)
        for argument in args[:words]:
            if _CLUSTER.match(argument) and not argument.startswith("--"):
                raise click.UsageError(
                    f'"{argument}" is ambiguous: options, or a word to exclude. To exclude a word, write '
                    f"NOT {argument[1:]}, put -- before the query, or quote the complete query.",
                    ctx,
                )
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name.startswith("--"):
                raise
            word = error.option_name[1:]
            raise click.UsageError(
                f"{error.format_message()} To exclude a word, write NOT {word}, or put -- before the query.", ctx
            ) from error


class Form(Struct, frozen=True, kw_only=True):
    """An output format: `name` is one of FORMATS, `fields` as written with `--fields`, `bom` begins a table with a
    byte order mark."""

    name: str
    fields: tuple[str, ...] = ()
    bom: bool = False

    @property
    def adds(self) -> bool:
        """Return whether the fields are added to the usual fields (`+name`)."""
        return any(part.strip().startswith("+") for text in self.fields for part in text.split(","))

    @property
    def delimiter(self) -> str:
        """The separator of table cells."""
        return "\t" if self.name == "tsv" else ","


def form_of(options: Mapping[str, Any]) -> Form:
    """Return the output format that the options choose. Raise UsageError for options that cannot be combined."""
    short = [name for name in _SHORT_FORMATS if options.get(f"as_{name}")]
    formats = list(dict.fromkeys(filter(None, (*short, options.get("form")))))
    if len(formats) > 1:
        raise UsageError(f"The formats {formats[0]} and {formats[1]} cannot be combined.", hint="Choose one of them.")
    name = formats[0] if formats else "table"
    fields = tuple(options.get("fields") or ())
    if fields and name == "ids":
        raise UsageError(
            "--fields and --format ids cannot be combined.", hint="--fields works with table, json, jsonl, csv and tsv."
        )
    return Form(name=name, fields=fields, bom=has_bom(options, name))


def has_bom(options: Mapping[str, Any], form: str) -> bool:
    """Return whether a table begins with a byte order mark. Raise UsageError if the format `form` is not a table."""
    bom = bool(options.get("bom"))
    if bom and form not in {"csv", "tsv"}:
        raise UsageError(f"--bom and --format {form} cannot be combined.", hint="--bom works with csv and tsv.")
    return bom


def terminal_options(command: _Command) -> _Command:
    """Add `--color` and `--no-pager`."""
    command = click.option("--no-pager", is_flag=True, help="Do not use a pager.")(command)
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        callback=_set_color,
        help="Color the output (default: on a terminal; NO_COLOR and FORCE_COLOR are respected).",
    )(command)


def _set_color(ctx: click.Context, _parameter: click.Parameter, value: str) -> None:
    """Store the choice in click's context, where `output.has_color` reads it."""
    if value != "auto":
        ctx.color = value == "always"


def json_option(command: _Command) -> _Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print as JSON.")(command)


def wait_option(command: _Command) -> _Command:
    """Add `--wait`."""
    return click.option(
        "--wait",
        type=click.FloatRange(0, 86_400),
        default=0.0,
        metavar="SECONDS",
        help="Wait up to SECONDS for the lock.",
    )(command)


def archive_option(command: _Command) -> _Command:
    """Add `--archive`, which goes before the same option in front of the command."""
    return click.option(
        "--archive", type=click.Path(), expose_value=False, callback=_set_archive, help="Folder of the archive."
    )(command)


def _set_archive(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """Store the folder in click's context, where `settings` reads it."""
    ctx.obj = value or ctx.obj


def settings(**flags: Any) -> Config:
    """Return the settings, with this command's flags on top. Raise ConfigError for invalid settings."""
    context = click.get_current_context()
    return load({"archive": context.obj, **flags}, trust=context.meta.get("trust", False))


def timestamp_rules(chosen: Config) -> "TimestampRules":
    """Return which time stamps the settings accept. Raise ConfigError for certificates that cannot be read."""
    from searchkit.export.evidence.timestamps import TimestampRules, trusted_certificates  # few commands check any

    certificates = trusted_certificates(chosen.timestamp_certificates)
    return TimestampRules(certificates=certificates, policies=chosen.timestamp_policies)


def open_archive(config: Config | None = None) -> Archive:
    """Open the archive that flags and settings name. Raise ArchiveError if there is none."""
    config = config or settings()
    return _reporting(Archive.open(config.archive, engine=config.engine, shared=config.shared))


def create_archive(config: Config) -> Archive:
    """Open the archive that the settings name; create it if there is none."""
    return _reporting(Archive.create(config.archive, engine=config.engine, shared=config.shared))


def _reporting(archive: Archive) -> Archive:
    """Let an archive print at once that it was migrated: the command may be stopped before its report."""
    archive.lock.report = say_note
    return archive


def question_parameters(names: Collection[str]) -> list[click.Parameter]:
    """Return those of `question_options` that are called `names`, for a command that has only some of them."""
    command = question_options(click.Command("question"))
    return [parameter for parameter in reversed(command.params) if parameter.name in names]


_QUESTION_OPTIONS = (
    click.option("--verb", multiple=True, metavar="VERB",
        help="Only with this reporting verb, in any form: say, denied."),
    click.option("--kind", multiple=True, type=click.Choice(["direct", "mixed", "indirect"]),
        help="Only statements of this kind."),
    click.option("--since", default="", metavar="DATE", help="Published on DATE or later (2022, 2022-12, 7d)."),
    click.option("--until", default="", metavar="DATE", help="Published on DATE or earlier."),
    click.option("--facet", multiple=True, metavar="NAME[:N]", shell_complete=complete_facet,
        help="Count values: speaker, outlet:20, date:week, speaker+about for pairs."),
    click.option("--facet-sort", type=click.Choice(["count", "value"]), default="count",
        help="Order of facet values (default: count; dates are always in chronological order)."),
    click.option("--all-values", is_flag=True,
        help="Facets ignore the filter on their own field, to choose further values (not for dates and pairs)."),
    click.option("--sort", type=click.Choice(get_args(Sort)),
        help="Order of the hits (default: relevance; newest if the query contains no words)."),
    click.option("-n", "--limit", type=click.IntRange(0, 10_000), default=10, show_default=True,
        help="Number of hits."),
    click.option("--offset", type=click.IntRange(0, 1_000_000), default=0, help="Number of hits to skip."),
    click.option("--duplicates", is_flag=True, help="Include duplicates."),
    click.option("-f", "--format", "form", type=click.Choice(FORMATS), help="Output format (default: table)."),
    click.option("--json", "as_json", is_flag=True, help="Same as --format json."),
    click.option("--jsonl", "as_jsonl", is_flag=True, help="Same as --format jsonl."),
    click.option("--csv", "as_csv", is_flag=True, help="Same as --format csv."),
    click.option("--bom", is_flag=True, help="Begin csv and tsv with a byte order mark, for spreadsheets."),
    click.option("--fields", multiple=True, metavar="A,B", help="Print these fields; +A adds A to the usual fields."),
    click.option("--count", is_flag=True, help="Print only the number of hits."),
    click.option("--open", "open_hit", type=click.IntRange(1, 1_000_000), metavar="N",
        help="Open the source of hit N in the default program."),
    click.option("--batch", metavar="FILE|-",
        help="Run many queries: one per line, or CSV with the columns name and query. - is standard input."),
    click.option("-e", "--exit-status", is_flag=True, help="Exit with 1 if nothing matches."),
    click.option("-v", "--verbose", is_flag=True, help="Show how the query was read."),
    terminal_options,
    click.option("--explain", is_flag=True, help="Show how the query was read, hits per clause, and timing; no hits."),
    archive_option,
)  # fmt: skip


def question_options(command: _Command) -> _Command:
    """Add the options that `query` and `statements` share: filters, facets, order, paging, format."""
    filters = (
        click.option(f"--{name}", multiple=True, metavar="NAME", help=text) for name, text in _NAME_FILTERS.items()
    )
    for option in reversed((*filters, *_QUESTION_OPTIONS)):
        command = option(command)
    return command
