"""The dependencies: their bounds, the lock file, the installed packages."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_REQUIREMENT = re.compile(r"(?P<name>[\w-]{1,60})(?P<bounds>[<>=!~\w., ]{0,60})")
_LOCK = (ROOT / "dependencies.lock").read_text(encoding="utf-8").replace("_", "-")
_LOCKED = dict(line.split("==") for line in _LOCK.splitlines() if "==" in line)


def _dependencies() -> list[tuple[str, str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [_REQUIREMENT.fullmatch(line) for line in project["dependencies"]]
    return [(match["name"], match["bounds"]) for match in found if match]


def _version(written: str) -> tuple[int, ...]:
    return tuple(int(part) for part in written.split(".") if part.isdigit())


def test_one_package_provides_whoosh() -> None:
    """Three forks of Whoosh install the same package, and the last one silently wins."""
    assert metadata.packages_distributions()["whoosh"] == ["whoosh3"]


def test_every_dependency_is_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(_dependencies()) == len(project["dependencies"]) >= 14


@pytest.mark.parametrize(("name", "bounds"), _dependencies())
def test_a_dependency_has_bounds_and_is_locked_within_them(name: str, bounds: str) -> None:
    lowest, _, below = bounds.partition(",<")
    locked = _version(_LOCKED[name.lower()])
    assert lowest.startswith(">=")
    assert below, f"{name} has no upper bound"
    assert _version(lowest[2:]) <= locked < _version(below)
