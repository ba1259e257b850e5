"""The files of saved searches: read strictly, written so that they are read back."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.alerts.searches import AlertSettings, SavedSearch, is_name, read, written
from searchkit.alerts.sinks import SinkAddress
from searchkit.errors import ConfigError
from tests.cases import cases

PLACE = "saved/port.toml"
SIMPLE = 'syntax = 1\nquery = "bridge"\nover = "statements"\n'


def reading(text: str) -> SavedSearch:
    return read(text.encode("utf-8", "surrogateescape"), name="port", place=PLACE)


def test_a_file_by_hand() -> None:
    found = reading(
        "syntax = 1\nname = 'port'\nquery = 'speaker:\"Nadia Korbel\" date:7d'\n"
        "over = 'quotes'\nnote = 'For Monday.'\n"
        "[alert]\nsinks = ['stdout', 'atom:alerts.xml', 'stdout']\nevery = 'week'\ngroup_by = 'about'\n"
        "min_confidence = 1\nper_group = 3\n"
    )
    assert found.alert is not None
    assert found.alert.addresses == (SinkAddress(kind="stdout"), SinkAddress(kind="atom", target="alerts.xml"))
    alert = AlertSettings(sinks=found.alert.sinks, every="week", group_by="about", min_confidence=1.0, per_group=3)
    query = 'speaker:"Nadia Korbel" date:7d'
    assert found == SavedSearch(name="port", query=query, over="statements", note="For Monday.", alert=alert)
    assert reading(SIMPLE).alert is None
    assert reading(SIMPLE + "[alert]\n").alert == AlertSettings()
    assert reading("\ufeff" + SIMPLE + "[alert]\nsinks = 'stdout'\n").alert == AlertSettings()


@pytest.mark.parametrize(
    ("text", "result", "hint"),
    [
        *cases(__file__, "test_every_mistake_is_reported_with_file_key_and_what_to_write"),
        ("a = " + "[" * 5_000, "not valid TOML", "editor"),
        (".".join("a" * 99) + " = 1", "a key has too many parts", "editor"),
        (SIMPLE + f'note = "{"x" * 3_000}"\n', "note is 'xxx", "2,000"),
    ],
)
def test_every_mistake_is_reported_with_file_key_and_what_to_write(text: str, result: str, hint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        reading(text)
    assert raised.value.message.startswith(PLACE)
    assert result in raised.value.message
    assert hint in raised.value.hint


def test_a_secret_in_a_sink_is_not_reported() -> None:
    with pytest.raises(ConfigError) as raised:
        reading(SIMPLE + "[alert]\nsinks = ['webhook:ftp://x.example/secret']\n")
    assert "secret" not in str(raised.value)


sinks = st.sampled_from(["stdout", "atom:out 'x\" #.xml", "sendmail:desk@ledger.example"])
alerts = st.builds(
    AlertSettings,
    sinks=st.lists(sinks, min_size=1, unique=True).map(tuple),
    every=st.sampled_from(["run", "day", "week"]),
    group_by=st.sampled_from([None, "speaker", "watchlist", "nothing"]),
    min_confidence=st.floats(0, 1),
    per_group=st.integers(1, 1_000),
)
# No lone surrogates: those cannot be written at all.
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)


@given(query=texts.map(lambda text: "x" + text), note=texts, alert=st.none() | alerts)
def test_what_is_written_is_read_back(query: str, note: str, alert: AlertSettings | None) -> None:
    search = SavedSearch(name="port", query=query, over="statements", note=note, alert=alert)
    text = written(search)
    assert read(text.encode(), name="port", place=PLACE) == search
    assert tomllib.loads(text)["syntax"] == 1
    # Nobody who looks at a change of it is shown another text than there is.
    assert not {"\u202e", "\u200b", "\x7f", "\x1b"} & set(text)


def test_names() -> None:
    assert all(map(is_name, ["port", "2026-port_calls", "a" * 60]))
    assert not any(map(is_name, ["", "Port", "../x", "a/b", "a.b", "-x", "_x", "a" * 61, "a b", "é", "a\n"]))
