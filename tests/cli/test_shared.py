"""Commands on an archive in PostgreSQL: each failure is one line with a hint, and an exit code."""

import json
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import cases
from tests.cli.conftest import Command
from tests.cluster.postgres import PostgresServer

ARTICLE = "The harbor\n\nNadia Korbel said the cranes had been sound when she saw them last.\n"


@pytest.fixture
def article(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "harbor.txt").write_text(ARTICLE)
    return tmp_path / "articles"


@pytest.mark.cluster
def test_two_machines(
    searchkit: Command, article: Path, tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEARCHKIT_STORE", store_url)
    assert searchkit("index", str(article), archive=tmp_path / "one").code == 0
    assert "1 document" in searchkit("query", "cranes", archive=tmp_path / "two").out
    monkeypatch.delenv("SEARCHKIT_STORE")
    shown = searchkit("status", archive=tmp_path / "two").out
    assert "***@127.0.0.1" in shown
    assert searchkit("check", "--full", archive=tmp_path / "two").code == 0
    assert searchkit("backup", str(tmp_path / "backup"), archive=tmp_path / "two").code == 0
    other = f"{store_url}?schema=other"
    assert searchkit("restore", str(tmp_path / "backup"), "--store", other, archive=tmp_path / "three").code == 0
    assert "1 document" in searchkit("query", "cranes", archive=tmp_path / "three").out
    again = searchkit("restore", str(tmp_path / "backup"), "--store", other, archive=tmp_path / "four")
    assert (again.code, len(again.err.strip().splitlines())) == (2, 2)
    assert "exists already" in again.err


@pytest.mark.cluster
def test_a_server_that_is_down(
    searchkit: Command, article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = PostgresServer()
    monkeypatch.setenv("PGPASSWORD", server.password)
    monkeypatch.setenv("SEARCHKIT_STORE", server.url(server.create_database()))
    archive = tmp_path / "archive"
    assert searchkit("index", str(article), archive=archive).code == 0
    server.stop()
    for command in (("query", "cranes"), ("index", str(article)), ("status",), ("check",)):
        done = searchkit(*command, archive=archive)
        assert (done.code, done.err.count("\n")) == (75, 2), command
        assert "cannot be reached" in done.err
    server.start()
    assert "1 document" in searchkit("query", "cranes", archive=archive).out
    monkeypatch.setenv("PGPASSWORD", "guessed")
    done = searchkit("query", "cranes", archive=archive)
    assert (done.code, done.err.count("\n")) == (2, 2)
    assert "guessed" not in done.err
    server.close()


@pytest.mark.cluster
def test_addresses_that_are_too_long(
    searchkit: Command, article: Path, tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry of an ordered index has at most 2,704 bytes. One bad file does not end a run."""
    chance = random.Random(7)
    long = "".join(chance.choices(string.ascii_letters, k=6_000))
    folder = article.joinpath(*(long[start : start + 200] for start in range(0, 2_600, 200)))
    folder.mkdir(parents=True)
    (folder / "far.txt").write_text(ARTICLE)
    claim = {"text": "Nadia Korbel said no to the harbor.", "uri": f"https://a.example/{long}"}
    (article / "claims.jsonl").write_text(json.dumps(claim))
    monkeypatch.setenv("SEARCHKIT_STORE", store_url)
    done = searchkit("index", str(article), archive=tmp_path / "archive")
    assert "its address is too long for a store in PostgreSQL" in done.err + done.out
    assert "2 added" in done.out
    assert searchkit("check", "--full", archive=tmp_path / "archive").code == 0


def test_a_password_in_the_address(
    searchkit: Command, article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEARCHKIT_STORE", "postgresql://desk:geheim@db.example/news")
    done = searchkit("index", str(article), archive=tmp_path / "archive")
    assert done.code == 2
    assert "has a password" in done.err
    assert "geheim" not in done.err
    assert not (tmp_path / "archive").exists()
    shown = searchkit("config", archive=tmp_path / "archive")
    assert "geheim" not in shown.out + shown.err


@pytest.mark.slow
@pytest.mark.parametrize(("command", "store", "reported"), cases(__file__, "test_without_the_extra"))
def test_without_the_extra(article: Path, tmp_path: Path, command: str, store: str, reported: str) -> None:
    """psycopg is missing where the extra was not installed."""
    words = ["--archive", str(tmp_path / "archive"), command, *([str(article)] if command == "index" else [])]
    (tmp_path / "searchkit.toml").write_text(
        'contact = "desk@harbor.example"\n[[source]]\nname = "one"\nkind = "site"\nlocation = "https://one.example/"\n'
    )
    code = f"import sys; sys.modules['psycopg'] = None; from searchkit.cli import run\nrun({words})"
    environment = {"SEARCHKIT_STORE": store, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 2), done.stderr
    assert reported in done.stderr
    assert (tmp_path / "archive").exists() == (not store)
