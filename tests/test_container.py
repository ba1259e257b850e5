"""The Dockerfile: what it promises to those who run it. hadolint, in scripts/check, reads the rest."""

import json
import re
import shlex
from pathlib import Path

from searchkit.config import load

ROOT = Path(__file__).resolve().parents[1]
_TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
_LINES = re.sub(r"(?m)^#.*\n", "", _TEXT).replace("\\\n", " ").splitlines()
STAGES: list[list[tuple[str, str]]] = []
for line in filter(None, _LINES):
    word, _, rest = line.partition(" ")
    if word == "FROM":
        STAGES.append([])
    STAGES[-1].append((word, rest.strip()))


def last(word: str) -> str:
    """Return the last instruction of a kind in the image."""
    return [rest for kind, rest in STAGES[-1] if kind == word][-1]


def test_it_runs_as_a_user_without_rights() -> None:
    user, _, group = last("USER").partition(":")
    assert int(user) >= 1_000
    assert int(group) >= 1_000
    kinds = [kind for kind, _ in STAGES[-1]]
    assert "RUN" not in kinds[kinds.index("USER") :]


def test_only_data_is_written() -> None:
    assert (last("VOLUME"), last("WORKDIR")) == ("/data", "/data")
    environment = dict(part.split("=", 1) for part in shlex.split(last("ENV")))
    config = load({}, environment=environment, folder=Path("/data"))
    assert str(config.archive).startswith("/data/")
    assert config.serve_tokens.startswith("/data/")
    assert environment["HOME"] == "/data"


def test_it_serves_and_is_asked_for_its_health() -> None:
    assert json.loads(last("ENTRYPOINT")) == ["searchkit"]
    assert json.loads(last("CMD"))[0] == "serve"
    check = json.loads(last("HEALTHCHECK").partition("CMD")[2])
    assert check[:2] == ["python", "-c"]
    compile(check[2], "check", "exec")
    assert f"http://127.0.0.1:{last('EXPOSE')}/health" in check[2]


def test_packages_come_with_hashes_and_nothing_else_is_fetched() -> None:
    runs = [rest for stage in STAGES for kind, rest in stage if kind == "RUN"]
    for command in re.findall(r"pip (?:install|wheel)[^&]*", " && ".join(runs)):
        assert "--require-hashes" in command or "--no-index" in command, command
    assert not re.search(r"curl|wget|apt|git |http", " ".join(runs))
    assert not [kind for stage in STAGES for kind, _ in stage if kind == "ADD"]


def test_what_it_copies_exists_and_nothing_private_can_be_copied() -> None:
    copied = {
        source.rstrip("/")
        for stage in STAGES
        for kind, rest in stage
        if kind == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert all((ROOT / source).exists() for source in copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    assert {source.partition("/")[0] for source in copied} == allowed
