"""OpenDocument text: order, skipped parts, properties."""

import pytest

from searchkit.errors import InputError
from searchkit.statements.document import Article
from tests.formats import odt
from tests.parse.pages import read as read_page

META = (
    "<dc:title>Cranes</dc:title>"
    "<meta:initial-creator>Petr Havel</meta:initial-creator><dc:creator>Nadia Korbel</dc:creator>"
    "<meta:creation-date>2025-05-12T10:00:00</meta:creation-date><dc:date>2025-05-13T10:00:00</dc:date>"
    "<dc:language>de-AT</dc:language>"
)


def read(body: bytes) -> Article:
    return read_page(body, "application/vnd.oasis.opendocument.text", "file:///archive/cranes.odt")


def test_an_article() -> None:
    article = read(
        odt("Cranes stand still", "By Nadia Korbel", "The cranes stood still on Monday.", "Nobody knew why.")
    )
    assert (article.title, article.byline) == ("Cranes stand still", ("Nadia Korbel",))
    assert article.text == "The cranes stood still on Monday.\n\nNobody knew why."


def test_properties() -> None:
    article = read(odt("The cranes of the port stood still.", "Nobody knew why.", meta=META))
    assert (article.title, article.byline, article.language) == ("Cranes", ("Petr Havel",), "de")
    assert article.published is not None
    assert article.updated is not None
    assert (article.published.value, article.published.source) == ("2025-05-12", "odt")
    assert (article.updated.value, article.updated.confidence) == ("2025-05-13", "low")


def test_special_characters() -> None:
    body = (
        '<text:p>The <text:span>cra</text:span>nes<text:s text:c="2"/>stood<text:tab/>still'
        "<text:line-break/>there<text:s/>.</text:p>"
    )
    assert read(odt(body=body)).text == "The cranes  stood\tstill\nthere ."
    hostile = '<text:p>a<text:s text:c="999999999"/>b<text:s text:c="x"/>c</text:p>'
    assert read(odt(body=hostile)).text == "a b c"


def test_order_of_headings_lists_and_tables() -> None:
    table = (
        "<table:table><table:table-row><table:table-cell><text:p>Port</text:p></table:table-cell>"
        "<table:table-cell><text:p>9</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell>"
        "<text:p>One.</text:p><text:p>Two.</text:p></table:table-cell></table:table-row><table:table-row>"
        "<table:table-cell><text:p>Remark<draw:frame><draw:text-box><text:p>Boxed.</text:p></draw:text-box></draw:frame>"
        "</text:p></table:table-cell></table:table-row></table:table>"
    )
    body = (
        "<text:h>What happens next.</text:h><text:p>First.</text:p>"
        "<text:list><text:list-item><text:p>Point.</text:p></text:list-item></text:list>"
        f"{table}<text:section><text:p>Last.</text:p></text:section>"
    )
    lines = "What happens next./First./Point./Port | 9/One./Two./Remark/Boxed./Last.".split("/")
    assert read(odt(body=body)).text.split("\n\n") == lines


def test_skipped_parts_boxes_and_footnotes() -> None:
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        "<text:table-of-content><text:p>Contents</text:p></text:table-of-content>"
        "<text:p>Kept<office:annotation><text:p>remark</text:p></office:annotation> words<text:note>"
        "<text:note-citation>1</text:note-citation><text:note-body><text:p>See the report.</text:p></text:note-body>"
        "</text:note>.<draw:frame><draw:text-box><text:p>In the box.</text:p></draw:text-box></draw:frame></text:p>"
        '<text:p><text:a xlink:href="https://ledger.example/a">A link</text:a>'
        '<text:a xlink:href="javascript:x">.</text:a></text:p>'
    )
    article = read(odt(body=body))
    assert article.text == "Kept words.\n\nIn the box.\n\nA link.\n\nSee the report."
    assert article.links == ("https://ledger.example/a",)


def test_an_encrypted_one() -> None:
    manifest = "<m><file-entry><encryption-data/></file-entry></m>"
    with pytest.raises(InputError) as caught:
        read(odt("Words.", manifest=manifest))
    assert caught.value.message == "encrypted"


SHEETS = """
<table:table table:name="Ports"><table:table-header-rows><table:table-row><table:table-cell><text:p>Port</text:p>
</table:table-cell><table:table-cell><text:p>Opened</text:p></table:table-cell></table:table-row>
</table:table-header-rows><table:table-row table:number-rows-repeated="2"><table:table-cell><text:p>Velmar</text:p>
</table:table-cell><table:table-cell office:date-value="2025-05-12"><text:p>12.05.25</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="16382"/></table:table-row>
<table:table-row table:number-rows-repeated="1048576"><table:table-cell/></table:table-row></table:table>
<table:table table:name="Hidden" table:style-name="h"><table:table-row><table:table-cell><text:p>No</text:p>
</table:table-cell></table:table-row></table:table>
<table:table table:name="Ships"><table:table-row><table:table-cell table:number-columns-repeated="2"><text:p>Ostwind
</text:p></table:table-cell></table:table-row></table:table>"""
HIDDEN = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'


def test_sheets() -> None:
    kind = "spreadsheet"
    body = odt(body=SHEETS, styles=HIDDEN, meta=META, kind=kind)
    article = read_page(body, f"application/vnd.oasis.opendocument.{kind}", "file:///a.ods")
    row = "| Port: Velmar | Opened: 2025-05-12 |"
    assert article.text.split("\n\n") == ["Ports", row, row, "Ships", "| Ostwind | Ostwind |"]
    assert (article.title, article.notes) == ("Cranes", ())


def test_no_cell_behind_a_merged_cell_is_read() -> None:
    row = (
        "<table:table-row><table:table-cell><text:p>Ostwind</text:p></table:table-cell>"
        "<table:covered-table-cell><text:p>No</text:p><text:p>No</text:p></table:covered-table-cell>"
        "<table:table-cell><text:p>Velmar</text:p></table:table-cell></table:table-row>"
    )
    table = f"<table:table table:name='A'>{row}</table:table>"
    kind = "spreadsheet"
    sheet = read_page(odt(body=table, kind=kind), f"application/vnd.oasis.opendocument.{kind}", "file:///a.ods")
    assert sheet.text == "| Ostwind | Velmar |"
    assert read(odt(body=table)).text == "Ostwind | Velmar"


def test_sheets_that_repeat_a_row_forever_are_cut() -> None:
    kind = "spreadsheet"
    row = f'<table:table-row table:number-rows-repeated="99999999"><table:table-cell><text:p>{"x" * 9_000}</text:p>'
    body = odt(body=f"<table:table>{row}</table:table-cell></table:table-row></table:table>" * 50, kind=kind)
    article = read_page(body, f"application/vnd.oasis.opendocument.{kind}", "file:///a.ods")
    assert len(article.text) < 11_000_000
    assert "truncated: the last sheets are not read" in article.notes


def test_slides_are_pages() -> None:
    kind = "presentation"
    slide = (
        "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>{}</draw:page>".format
    )
    notes = "<presentation:notes><draw:frame><draw:text-box><text:p>Pause.</text:p><text:p><text:page-number>1"
    notes += "</text:page-number></text:p></draw:text-box></draw:frame></presentation:notes>"
    body = odt(body=slide("The crane stands still.", notes) + slide("Why?", ""), meta=META, kind=kind)
    article = read_page(body, f"application/vnd.oasis.opendocument.{kind}", "file:///a.odp")
    assert article.text == "The crane stands still.\n\nPause.\n\nWhy?"
    assert article.pages == (0, article.text.index("Why"))
    with pytest.raises(InputError, match="slides without text"):
        read_page(odt(body=slide("", ""), kind=kind), f"application/vnd.oasis.opendocument.{kind}", "file:///a.odp")
