"""The sources in searchkit.toml."""

from datetime import timedelta
from pathlib import Path

import pytest

from searchkit.config import load
from searchkit.config.sources import period, sources
from searchkit.crawl.base import Source
from searchkit.errors import ConfigError
from tests.cases import cases


def read(folder: Path, text: str) -> tuple[Source, ...]:
    (folder / "searchkit.toml").write_text(text, encoding="utf-8")
    return sources(load({}, environment={}, folder=folder))


def test_without_a_file_there_are_no_sources(tmp_path: Path) -> None:
    assert sources(load({}, environment={}, folder=tmp_path)) == ()


def test_a_feed_with_its_defaults(tmp_path: Path) -> None:
    text = '[[source]]\nname = "ledger"\nkind = "feed"\nlocation = "https://ledger.example/feed.xml"\n'
    assert read(tmp_path, text) == (Source(name="ledger", kind="feed", locations=("https://ledger.example/feed.xml",)),)


def test_every_key_of_a_source(tmp_path: Path) -> None:
    (source,) = read(
        tmp_path,
        """
contact = "desk@ledger.example"
[[source]]
name = "port"
kind = "site"
locations = ["https://port.example/news", "https://port.example/law"]
every = "2d"
include = ["*/2026/*"]
exclude = "*/sport/*"
outlet = "Port Gazette"
language = "en"
max_pages = 50
max_minutes = 2.5
max_depth = 2
max_mb = 0.5
delay = 3
allow_hosts = ["intranet.example", "10.0.0.1", "::1", "[fd00::1]"]
""",
    )
    assert source.every == timedelta(days=2)
    assert (source.include, source.exclude) == (("*/2026/*",), ("*/sport/*",))
    assert (source.outlet, source.language) == ("Port Gazette", "en")
    assert (source.max_pages, source.max_seconds, source.max_depth) == (50, 150.0, 2)
    assert (source.max_bytes, source.delay) == (524_288, 3.0)
    assert source.allow_hosts == ("intranet.example", "10.0.0.1", "::1", "[fd00::1]")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    text = '[[source]]\nname = "clippings"\nkind = "folder"\nlocation = "news"\n'
    assert read(tmp_path, text)[0].locations == (str(tmp_path / "news"),)


def test_addresses_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "pages.txt").write_text("# kept by the desk\nhttps://a.example/1\n\nhttps://a.example/2\n")
    text = '[[source]]\nname = "pages"\nkind = "urls"\nlocations = ["pages.txt", "https://a.example/1"]\n'
    assert read(tmp_path, text)[0].locations == ("https://a.example/1", "https://a.example/2")


def test_only_an_allowed_host_may_have_no_delay(tmp_path: Path) -> None:
    table = '[[source]]\nname = "near"\nkind = "feed"\nlocation = "http://127.0.0.1:80/feed"\ndelay = 0\n'
    for host in ("127.0.0.1", "127.0.0.1:80"):
        assert read(tmp_path, table + f'allow_hosts = ["{host}"]\n')[0].delay == 0
    with pytest.raises(ConfigError, match="delay is 0"):
        read(tmp_path, table)


@pytest.mark.parametrize(("text", "complaint"), cases(__file__, "test_errors_name_the_place"))
def test_errors_name_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, text)
    assert complaint in str(error.value)
    assert str(tmp_path / "searchkit.toml") in str(error.value)


@pytest.mark.parametrize("written", ["https://desk.example/about", "desk@ledger.example", ""])
def test_contacts(tmp_path: Path, written: str) -> None:
    assert load({"contact": written}, environment={}, folder=tmp_path).contact == written


@pytest.mark.parametrize("written", ["the desk", "a@b\r\nX: y", "desk", "@"])
def test_invalid_contacts(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigError, match="contact is"):
        load({"contact": written}, environment={}, folder=tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30m", timedelta(minutes=30)),
        ("30 min", timedelta(minutes=30)),
        ("1h", timedelta(hours=1)),
        ("2D", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("0h", None),
        ("h", None),
        ("1", None),
        ("1 fortnight", None),
    ],
)
def test_durations(written: str, meant: timedelta | None) -> None:
    assert period(written) == meant
