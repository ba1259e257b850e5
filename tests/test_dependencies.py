"""The dependencies: their bounds, the locked versions and hashes, the installed packages, the audit, the notices."""

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import advisories

ROOT = Path(__file__).resolve().parents[1]
_REQUIREMENT = re.compile(r"(?P<name>[\w-]{1,60})(?:\[\w{1,30}\])?(?P<bounds>[<>=!~\w.,]{0,60})(?: ; .{1,200})?")
_ENTRY = re.compile(
    r"(?P<name>[a-z0-9-]{1,60})==(?P<version>[\w.+!-]{1,40})(?: ; [^\\\n]{1,900})?"
    r"(?: \\\n    --hash=sha256:[0-9a-f]{64}){1,500}\n"
)
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_GROUPS = {"runtime": _PROJECT["project"]["dependencies"], **_PROJECT["dependency-groups"]}
_FILES = sorted((ROOT / "locks").glob("*.txt"))
_OTHER_VERSIONS = ("lowest", "whoosh", "whoosh-reloaded")


def _dependencies() -> list[tuple[str, str, str]]:
    found = [(group, _REQUIREMENT.fullmatch(line)) for group, lines in _GROUPS.items() for line in lines]
    return [(group, match["name"], match["bounds"]) for group, match in found if match]


def _locked(path: Path) -> dict[str, str]:
    return {match["name"]: match["version"] for match in _ENTRY.finditer(path.read_text(encoding="utf-8"))}


def _version(written: str) -> tuple[int, ...]:
    return tuple(int(part) for part in written.split(".") if part.isdigit())


def test_one_package_provides_whoosh() -> None:
    """Three forks of Whoosh install the same package, and the last one silently wins."""
    assert metadata.packages_distributions()["whoosh"] == ["whoosh3"]


def test_every_dependency_is_checked() -> None:
    assert len(_dependencies()) == sum(map(len, _GROUPS.values())) >= 35


@pytest.mark.parametrize(("group", "name", "bounds"), _dependencies())
def test_a_dependency_has_bounds_and_is_locked_within_them(group: str, name: str, bounds: str) -> None:
    locked = _locked(ROOT / "locks" / f"{group}.txt")[name.lower()]
    if bounds.startswith("=="):
        assert locked == bounds[2:]
        return
    lowest, _, below = bounds.partition(",<")
    assert lowest.startswith(">=")
    assert below, f"{name} has no upper bound"
    assert _version(lowest[2:]) <= _version(locked) < _version(below)


def test_whoosh3_is_exact() -> None:
    """SECURITY.md gives the reason."""
    (wanted,) = (line for line in _GROUPS["runtime"] if line.startswith("whoosh3"))
    assert re.fullmatch(r"whoosh3==\d{1,4}\.\d{1,4}\.\d{1,4}", wanted)


def test_the_build_backend_is_locked() -> None:
    assert set(_PROJECT["build-system"]["requires"]) <= set(_GROUPS["build"])


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_every_locked_package_has_hashes_and_nothing_names_another_origin(path: Path) -> None:
    text = re.sub(r"(?m)^ *#.*\n", "", path.read_text(encoding="utf-8"))
    assert _ENTRY.search(text)
    assert not _ENTRY.sub("", text).strip()  # no package without a hash, no option, no address


def test_each_group_has_a_file_and_all_agree_on_versions() -> None:
    """Several files are installed together."""
    assert {path.stem for path in _FILES} == {*_GROUPS, "lowest"}
    versions: dict[str, str] = {}
    for path in _FILES:
        if path.stem not in _OTHER_VERSIONS:
            for name, version in _locked(path).items():
                assert versions.setdefault(name, version) == version, name


def test_the_notice_names_each_package_that_searchkit_installs() -> None:
    rows = re.findall(
        r"(?m)^\| ([a-z0-9-]{1,60})[^|\n]{0,40}\| [^|\n]{2,80} \|$", (ROOT / "NOTICE").read_text(encoding="utf-8")
    )
    assert set(rows) - {"package"} == set(_locked(ROOT / "locks" / "runtime.txt"))


def _audit(tmp_path: Path, answer: str | None) -> tuple[int, str]:
    locked, found = tmp_path / "locked", tmp_path / "answer"
    locked.write_text("press==1.0\nink==2.0\n")
    if answer is not None:
        found.write_text(answer)
    code, lines = advisories.report(found, locked)
    return code, "\n".join(lines)


def _answer(*entries: dict[str, object]) -> str:
    return json.dumps({"dependencies": entries})


_PRESS: dict[str, object] = {"name": "press", "version": "1.0", "vulns": []}
_INK: dict[str, object] = {"name": "ink", "version": "2.0", "vulns": []}


@pytest.mark.parametrize("answer", [None, "", "{}", _answer()])
def test_an_audit_without_its_database_fails_loudly(tmp_path: Path, answer: str | None) -> None:
    code, shown = _audit(tmp_path, answer)
    assert code == advisories.NOT_AUDITED
    assert "NOT AUDITED: 2 dependencies." in shown
    assert shown.startswith("!!!!")


def test_an_audit_that_misses_a_package_names_it(tmp_path: Path) -> None:
    code, shown = _audit(tmp_path, _answer(_PRESS, {"name": "ink", "skip_reason": "not found"}))
    assert code == advisories.NOT_AUDITED
    assert "1 of 2" in shown
    assert "ink" in shown


def test_an_audit_reports_advisories(tmp_path: Path) -> None:
    assert _audit(tmp_path, _answer(_PRESS, _INK)) == (0, "No advisory on 2 dependencies.")
    assert _audit(tmp_path, _answer({**_PRESS, "vulns": [{"id": "X-1"}]}, _INK)) == (1, "press 1.0: X-1")
