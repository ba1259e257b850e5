import json

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def statement(searchkit: Command) -> str:
    """The id of one statement."""
    return searchkit("quotes", "--speaker", "Aske", "--verb", "denied", "-f", "ids").out.strip()


def test_every_form(searchkit: Command, statement: str) -> None:
    text = searchkit("cite", statement)
    assert text.code == 0
    assert text.out.startswith(
        "Clementine Aske (managing director), partly in their own words: Meridian had been “told"
    )
    assert "<https://courier.example.net/business/meridian-halts-orders>" in text.out
    assert f"searchkit {statement}, revision 1, sha-256 " in text.out
    markdown = searchkit("cite", statement, "-f", "markdown").out
    assert "“[Antwerp distributor halts Tiandy orders](<https://courier.example.net/" in markdown
    assert searchkit("cite", statement, "-f", "bibtex").out.startswith(f"@article{{searchkit-{statement},\n  author = ")
    (item,) = json.loads(searchkit("cite", statement, "-f", "csl-json").out)
    assert (item["type"], item["issued"]["date-parts"]) == ("article-newspaper", [[2023, 2, 8]])
    assert item["author"] == [{"literal": "Elspeth Garrowmere"}]


def test_a_document(searchkit: Command, statement: str) -> None:
    document = statement.partition("-")[0]
    cited = searchkit("cite", document, "--revision", "1").out
    assert cited.startswith(
        "Elspeth Garrowmere. “Antwerp distributor halts Tiandy orders”, Northgate Courier, 2023-02-08"
    )


def test_what_is_not_there(searchkit: Command, statement: str) -> None:
    for arguments in (["0000"], ["\x1b[2J"], [statement, "--revision", "9"], [statement[:-1], "--revision", "1"]):
        done = searchkit("cite", *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.count("\n") <= 2
        assert "\x1b" not in done.err
    assert searchkit("cite", statement, "--revision", "0").code == 2
