"""The packages under the engines, and what is said when one cannot be loaded.

takes:    the name of an import package; what went wrong
gives:    the distributions that provide it; one line with what to do
does not: import an engine, install anything
traps:    whoosh3, Whoosh and Whoosh-Reloaded install into one package: the last one wins, and whoever removes one of
          them removes files of the others
"""

from collections.abc import Iterable
from importlib import metadata

from searchkit.errors import MissingExtra

# The package that an engine imports, and the distribution that should provide it.
_PROVIDED = {"whoosh": ("whoosh", "whoosh3"), "tantivy": ("tantivy", "tantivy")}
# Engines that come with an extra of the same name.
_EXTRAS = frozenset({"tantivy"})


def installed(engine: str) -> tuple[str, ...]:
    """The distributions that provide what an engine imports, with their versions: `whoosh3 3.54.0`."""
    if engine not in _PROVIDED:
        return ()
    names = metadata.packages_distributions().get(_PROVIDED[engine][0], ())
    return tuple(f"{name} {metadata.version(name)}" for name in sorted(set(names), key=str.casefold))


def unloadable(engine: str, error: Exception, distributions: Iterable[str]) -> MissingExtra:
    """What to tell when the module of an engine cannot be imported, where these distributions provide its package."""
    several = tuple(distributions)
    reason = " ".join(str(error).split()) or type(error).__name__
    if len(several) > 1:
        return MissingExtra(
            f"The engine {engine} cannot be loaded from {overlaid(several)}: {reason}.", hint=keep_one(engine, several)
        )
    package, wanted = _PROVIDED.get(engine, (engine, engine))
    if engine in _EXTRAS and isinstance(error, ModuleNotFoundError) and error.name == package:
        return MissingExtra(
            f"The engine {engine} is not installed.",
            hint=f'Install it: pip install "searchkit[{engine}]". Without it: searchkit rebuild --engine whoosh',
        )
    return MissingExtra(
        f"The engine {engine} cannot be loaded: {reason}.",
        hint=f"Install it anew: pip install --force-reinstall --no-deps {wanted}",
    )


def overlaid(distributions: tuple[str, ...]) -> str:
    """That several distributions were installed into one package."""
    return f"{' and '.join(distributions)}, installed over each other"


def keep_one(engine: str, distributions: tuple[str, ...]) -> str:
    """What to do about it."""
    names = " ".join(one.partition(" ")[0] for one in distributions)
    return f"Keep one: pip uninstall {names}; pip install {_PROVIDED[engine][1]}"
