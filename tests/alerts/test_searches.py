"""The files of saved searches: read strictly, written so that they are read back."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.alerts.searches import AlertSettings, SavedSearch, is_name, read, written
from searchkit.alerts.sinks import SinkAddress
from searchkit.errors import ConfigError

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
        ("query = ", "not valid TOML", "quotation marks"),
        ("a = " + "[" * 5_000, "not valid TOML", "editor"),
        (".".join("a" * 99) + " = 1", "a key has too many parts", "editor"),
        ("\udcff", "not UTF-8", "UTF-8"),
        (SIMPLE.replace("syntax = 1\n", ""), "syntax is missing", "syntax = 1"),
        (SIMPLE.replace("1", "2"), "syntax is 2; this searchkit supports up to 1", "Upgrade"),
        (SIMPLE.replace("1", "true"), "syntax is True", "from 1 to 1"),
        (SIMPLE.replace("1", '"1"'), "syntax is '1'", "from 1 to 1"),
        (SIMPLE + 'name = "harbor"\n', 'name is "harbor"', 'name = "port"'),
        (SIMPLE.replace("query", "qeury"), 'unknown key "qeury". Did you mean "query"?', "Keys: syntax"),
        (SIMPLE.replace('query = "bridge"\n', ""), "query is missing", "what to look for"),
        (SIMPLE.replace('"bridge"', '" "'), "query is ' '", "what to look for"),
        (SIMPLE.replace('"bridge"', "7"), "query is 7", "what to look for"),
        (SIMPLE.replace('"statements"', '"all"'), "over is 'all'", "documents, statements"),
        (SIMPLE + f'note = "{"x" * 3_000}"\n', "note is 'xxx", "2,000"),
        (SIMPLE + "alert = true\n", "alert is True", "[alert]"),
        (SIMPLE + "[alert]\nsink = 'stdout'\n", 'alert: unknown key "sink". Did you mean "sinks"?', "sinks"),
        (SIMPLE + "[alert]\nsinks = []\n", "alert: sinks is []", "sinks ="),
        (SIMPLE + "[alert]\nsinks = [1]\n", "alert: sinks is [1]", "sinks ="),
        (SIMPLE + "[alert]\nsinks = ['smtp:x']\n", 'the sink "smtp:...": unknown sink', "atom:FILE"),
        (SIMPLE + "[alert]\nevery = 'hour'\n", "alert: every is 'hour'", "day, run, week"),
        (SIMPLE + "[alert]\ngroup_by = ''\n", "alert: group_by is ''", "speaker"),
        (SIMPLE + "[alert]\nmin_confidence = nan\n", "alert: min_confidence is nan", "from 0 to 1"),
        (SIMPLE + "[alert]\nper_group = 0\n", "alert: per_group is 0", "from 1 to 1,000"),
        (
            SIMPLE.replace("statements", "documents") + "[alert]\ngroup_by = 'about'\n",
            "do not have",
            "Choose statements",
        ),
        (SIMPLE + '"x\\u001b[31m" = 1\n', 'unknown key "x\\x1b[31m"', "Keys"),
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
