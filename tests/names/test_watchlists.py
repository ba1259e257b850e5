import json
import os
from pathlib import Path

import pytest

from searchkit.errors import UsageError
from searchkit.names.folder import WatchlistEntry
from searchkit.names.watchlists import ParsedWatchlist, read
from tests.cases import cases


def _read(tmp_path: Path, content: str | bytes) -> ParsedWatchlist:
    path = tmp_path / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, "harbor")


def _one(tmp_path: Path, content: str) -> WatchlistEntry:
    (entry,) = _read(tmp_path, content).entries
    return entry


def test_plain_csv(tmp_path: Path) -> None:
    reading = _read(
        tmp_path,
        "\ufeffName,id,aliases,weak_aliases,Kind,topics,remarks\n"
        '"Tovo Steel Co., Ltd.",T-1,Velmar Tovo;TSV,Tovo,company,sanction; debarment,big\n'
        "Petr Havel,,,,,,\n",
    )
    assert (reading.form, reading.skipped) == ("CSV (not read: remarks)", {})
    steel, havel = reading.entries
    assert (steel.id, steel.kind, steel.topics) == ("T-1", "company", ("sanction", "debarment"))
    assert steel.names == ("tovo steel co ltd", "tovo steel", "velmar tovo")
    assert steel.weak == ("tsv", "tovo")
    assert steel.acronyms == ("tsv",)
    assert (havel.id, havel.kind, havel.names) == ("harbor:petr-havel", "other", ("petr havel",))


def test_rows_are_normalized_as_documents_are(tmp_path: Path) -> None:
    entry = _one(
        tmp_path, "name,id,aliases,topics\nNadia Kor\u200bbe\u0301l,T\u00ad-1,Nad\ufeffia Havel,deb\u2060arment\n"
    )
    assert (entry.name, entry.id, entry.topics) == ("Nadia Korbél", "T-1", ("debarment",))
    assert {"nadia korbel", "nadia havel"} <= set(entry.names)
    line = {"id": "NK-1", "schema": "Person", "properties": {"name": ["Petr Ha\u00advel"]}}
    assert _one(tmp_path, json.dumps(line)).names == ("petr havel",)


def test_opensanctions_targets(tmp_path: Path) -> None:
    entry = _one(
        tmp_path,
        '"id","schema","name","aliases","birth_date","countries","dataset"\n'
        '"NK-9","Person","Petr Havel","HAVEL, Petr;Piotr Havel","1970","cz;sk","Invented list"\n',
    )
    assert (entry.id, entry.kind, entry.country) == ("NK-9", "person", "cz;sk")
    assert set(entry.names) == {"petr havel", "havel petr", "piotr havel"}
    assert entry.weak == ()


def test_follow_the_money(tmp_path: Path) -> None:
    lines = [
        {
            "id": "NK-1",
            "schema": "Company",
            "caption": "Tovo Steel",
            "properties": {
                "name": ["Тово", "Tovo Steel"],
                "alias": ["Velmar Tovo"],
                "weakAlias": ["Tovo", "The Steel"],
                "country": ["cz"],
                "topics": ["sanction"],
            },
        },
        {"id": "s1", "schema": "Sanction", "properties": {"program": ["x"]}},
        {"id": "v", "schema": "Vessel", "properties": {"name": ["Moth of Velmar"]}},
        {"id": "x", "schema": "Person", "properties": {}},
        {"id": "y", "schema": "Person", "properties": []},
        ["no"],
    ]
    reading = _read(tmp_path, "\n".join(map(json.dumps, lines)) + "\n{broken\n" + "[" * 9000 + "\n")
    steel, moth = reading.entries
    assert (steel.name, steel.kind, steel.country, steel.topics) == ("Tovo Steel", "company", "cz", ("sanction",))
    assert steel.names == ("tovo steel", "velmar tovo")
    assert set(steel.weak) == {"тово", "tovo", "the steel"}
    assert moth.kind == "other"
    assert reading.skipped == {"without a name of their own": 1, "without a name": 1, "not entities": 2, "not JSON": 2}


def test_bad_rows_cost_themselves_only(tmp_path: Path) -> None:
    long = "A" * 301
    reading = _read(
        tmp_path,
        f'name,kind\n,\n" ",\n???,\n{long} b,\nPetr Havel,starship\nPetr Havel,person\nEva, Lind,person\nab c,\n',
    )
    assert {"???", "", "ab c", "Eva"} >= set(reading.examples.values()) - {"Petr Havel", long[:40]}
    assert [entry.name for entry in reading.entries] == ["Petr Havel"]
    assert sum(reading.skipped.values()) == 6, "empty rows are none"


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    reading = _read(tmp_path, "name,alias,remark,\nPetr Havel,P. H. Havel,x,\n")
    assert (reading.form, len(reading.entries[0].names)) == ("CSV (not read: remark)", 2)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        *cases(__file__, "test_a_file_that_is_not_a_list"),
        ("name\nPetr Hável\n".encode("latin-1"), "is not UTF-8"),
        ("name\nPetr Havel\n".encode("utf-16"), "is not UTF-8"),
        ('name\n"' + "A" * 200_000, "is not CSV"),
    ],
)
def test_a_file_that_is_not_a_list(tmp_path: Path, content: str | bytes, expected: str) -> None:
    with pytest.raises(UsageError, match=expected) as raised:
        _read(tmp_path, content)
    assert "\n" not in raised.value.message


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read(tmp_path / "none.csv", "harbor")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(UsageError, match="is not a file"):
            read(path, "harbor")


def test_what_a_list_says_of_an_entry_is_bounded(tmp_path: Path) -> None:
    topics = ";".join(f"t{n}{'x' * 99}" for n in range(99))
    entry = _one(tmp_path, f"id,name,topics\n{'A' * 999},Petr Havel,{topics}\n")
    assert len(entry.topics) == 20
    assert max(map(len, (*entry.topics, entry.id))) <= 300


@pytest.mark.parametrize(("content", "identity", "names", "weak"), cases(__file__, "test_ids_and_names"))
def test_ids_and_names(
    tmp_path: Path, content: str, identity: str, names: tuple[str, ...], weak: tuple[str, ...]
) -> None:
    entry = _one(tmp_path, content)
    assert (entry.id, entry.names, entry.weak) == (identity, names, weak)


def test_rows_that_share_an_id_are_kept(tmp_path: Path) -> None:
    parsed = _read(
        tmp_path,
        "id,name,aliases\nA1,Petr Havel,P. Havel\nA1,Nadia Korbel,\nA1,Petr Havel,Petr Havlik\nA1,Nadia Korbel,\n",
    )
    assert [(entry.id.partition("#")[0], entry.name) for entry in parsed.entries] == [
        ("A1", "Petr Havel"),
        ("A1", "Nadia Korbel"),
    ]
    assert len({entry.id for entry in parsed.entries}) == 2, "a query for one of them does not find the other"
    assert parsed.renamed == parsed.entries
    assert "petr havlik" in parsed.entries[0].names
    assert parsed.merged == ("Petr Havel", "Nadia Korbel")
    assert parsed.rows == 4
    lines = "Müller Brücken\nMuller Brucken\n"
    assert len(_read(tmp_path, lines).entries) == len({entry.id for entry in _read(tmp_path, lines).entries})
