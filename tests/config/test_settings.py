import os
import tracemalloc
from pathlib import Path

import pytest

from searchkit.config import load
from searchkit.errors import ConfigError
from tests.cases import cases


def test_defaults(tmp_path: Path) -> None:
    config = load({}, environment={}, folder=tmp_path)
    assert (config.archive, config.engine, config.workers) == (Path("index"), "whoosh:", 0)
    assert set(config.origins.values()) == {"default"}


def test_flag_beats_environment_beats_file(tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text('archive = "a"\nworkers = 3\nmax_file_mb = 5\n')
    environment = {"SEARCHKIT_ARCHIVE": "/b", "SEARCHKIT_WORKERS": "2"}
    config = load({"archive": "/c", "workers": None}, environment=environment, folder=tmp_path)
    assert (config.archive, config.workers, config.max_file_mb) == (Path("/c"), 2, 5)
    assert config.origins["archive"] == "--archive"
    assert config.origins["workers"] == "SEARCHKIT_WORKERS"
    assert config.origins["max_file_mb"] == str(tmp_path / "searchkit.toml")


def test_the_nearest_file_above_is_used(tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text('archive = "news"\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert load({}, environment={}, folder=below).archive == tmp_path / "news"


@pytest.mark.parametrize(("text", "complaint"), cases(__file__, "test_invalid_settings_name_the_place"))
def test_invalid_settings_name_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "searchkit.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"searchkit\.toml") as caught:
        load({}, environment={}, folder=tmp_path)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("shared", ["searchkit.toml", "."])
def test_a_file_that_others_can_change_is_refused(tmp_path: Path, shared: str) -> None:
    (tmp_path / "searchkit.toml").write_text("workers = 2")
    place = tmp_path / shared
    place.chmod(place.stat().st_mode | 0o002)
    with pytest.raises(ConfigError, match=r"can be changed by any user, so searchkit\.toml is not used"):
        load({}, environment={}, folder=tmp_path)
    assert load({}, environment={}, folder=tmp_path, trust=True).workers == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("foreign", ["searchkit.toml", "."])
def test_a_file_of_another_user_is_refused(tmp_path: Path, foreign: str) -> None:
    (tmp_path / "searchkit.toml").write_text("workers = 2")
    os.chown(tmp_path / foreign, 65_534, -1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        load({}, environment={}, folder=tmp_path)


def test_a_key_of_very_many_parts_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text(f"{'a.' * 8_000}a = 1")
    tracemalloc.start()
    with pytest.raises(ConfigError, match="a key has too many parts"):
        load({}, environment={}, folder=tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_bad_variable_names_itself(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SEARCHKIT_WORKERS"):
        load({}, environment={"SEARCHKIT_WORKERS": "many"}, folder=tmp_path)


def test_every_setting_is_listed_with_its_origin(tmp_path: Path) -> None:
    settings = load({"workers": 4}, environment={}, folder=tmp_path).settings()
    assert [(setting.name, setting.origin) for setting in settings if setting.name == "workers"] == [
        ("workers", "--workers")
    ]
    assert all(setting.describes for setting in settings)


@pytest.mark.parametrize("written", ["whoosh", "whoosh:"])
def test_an_engine_by_its_name_or_address(written: str, tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text(f'engine = "{written}"\n')
    assert load({}, environment={}, folder=tmp_path).engine == "whoosh:"


def test_settings_of_alerts(tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text('sendmail = "~/bin/mail"\nalert_hosts = ["chat.example", "10.0.0.7"]\n')
    config = load({}, environment={}, folder=tmp_path)
    assert config.sendmail == str(Path("~/bin/mail").expanduser())
    assert config.alert_hosts == ("chat.example", "10.0.0.7")
    shown = {setting.name: setting.value for setting in config.settings()}
    assert shown["alert_hosts"] == "chat.example, 10.0.0.7"
    from_variable = load({}, environment={"SEARCHKIT_ALERT_HOSTS": "a.example, b.example"}, folder=tmp_path)
    assert from_variable.alert_hosts == ("a.example", "b.example")
    for wrong in ('sendmail = ""', "sendmail = 7", "alert_hosts = [7]", 'alert_hosts = [""]', "alert_hosts = 7"):
        (tmp_path / "searchkit.toml").write_text(wrong)
        with pytest.raises(ConfigError, match=wrong.partition(" ")[0]):
            load({}, environment={}, folder=tmp_path)
