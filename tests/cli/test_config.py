"""`schedule`: the texts for cron and systemd, and the examples that are made of them."""

from pathlib import Path

import pytest

from searchkit.cli import run
from tests.cli.conftest import Command

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
PLACE = ("--command", "/usr/local/bin/searchkit", "--folder", "/srv/news", "--user", "news")
ARCHIVE = Path("/srv/news/archive")


def test_the_example_for_cron_is_what_is_printed(searchkit: Command) -> None:
    done = searchkit("schedule", "cron", *PLACE, archive=ARCHIVE)
    assert (done.code, done.out) == (0, (SCRIPTS / "crontab.example").read_text(encoding="utf-8"))


def test_the_examples_for_systemd_are_what_is_printed(searchkit: Command) -> None:
    service, timer = (
        (SCRIPTS / "systemd" / f"searchkit.{kind}").read_text(encoding="utf-8") for kind in ("service", "timer")
    )
    done = searchkit("schedule", "systemd", *PLACE, archive=ARCHIVE)
    assert (done.code, done.out) == (0, f"{service}\n{timer}")


def test_the_example_of_the_reading_room_is_what_is_printed(searchkit: Command) -> None:
    service = (SCRIPTS / "systemd" / "searchkit-serve.service").read_text(encoding="utf-8")
    done = searchkit("schedule", "systemd", "--serve", *PLACE, archive=ARCHIVE)
    assert (done.code, done.out[-len(service) - 1 :]) == (0, f"\n{service}")
    assert searchkit("schedule", "cron", "--serve", *PLACE, archive=ARCHIVE).code == 2


def test_the_reading_room_of_several_archives_may_write_to_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "searchkit.toml").write_text('serve_archives = ["a", "b"]\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        run(["schedule", "systemd", "--serve", "--command", "/bin/searchkit"])
    printed = capsys.readouterr().out
    assert f"ReadWritePaths={tmp_path}/a {tmp_path}/b\n" in printed
    assert "ExecStart=/bin/searchkit serve\n" in printed


def test_the_folder_is_that_of_searchkit_toml(
    searchkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "searchkit.toml").write_text("", encoding="utf-8")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    line = searchkit("schedule", "cron", archive=Path("news")).out.splitlines()[-1]
    assert f"cd {tmp_path} && " in line
    assert f"--archive {tmp_path / 'below' / 'news'} update --quiet" in line  # where all commands find it from here


def test_the_settings_are_those_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "searchkit.toml").write_text('archive = "kept"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        run(["schedule", "cron", "--folder", "desk"])
    line = capsys.readouterr().out.splitlines()[-1]
    assert f"cd {tmp_path / 'desk'} && " in line
    assert f"--archive {tmp_path / 'desk' / 'kept'} update" in line


@pytest.mark.parametrize("odd", ["/srv/my news", "/srv/100%", "/srv/$HOME", "/srv/a'b", "/srv/a\nb"])
def test_a_path_that_cron_or_systemd_would_misread_is_refused(searchkit: Command, odd: str) -> None:
    for system in ("cron", "systemd"):
        done = searchkit("schedule", system, "--folder", odd, "--command", "/bin/searchkit", archive=ARCHIVE)
        assert (done.code, done.out) == (2, "")
        assert "unsafe in cron and systemd files" in done.err
