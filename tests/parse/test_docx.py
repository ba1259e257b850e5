"""DOCX: order, skipped parts, properties."""

from searchkit.statements.document import Article
from tests.formats import docx
from tests.parse.pages import read as read_page

KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CORE = (
    '<cp xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Cranes</dc:title>'
    "<dc:creator>Petr Havel</dc:creator><dcterms:created>2025-05-12T10:00:00Z</dcterms:created>"
    "<dcterms:modified>2025-05-13T10:00:00Z</dcterms:modified><dc:language>en-GB</dc:language></cp>"
)


def read(body: bytes) -> Article:
    return read_page(body, KIND, "file:///archive/cranes.docx")


def p(*runs: str) -> str:
    return "<w:p>" + "".join(run if run.startswith("<") else f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def test_an_article() -> None:
    article = read(
        docx(
            "Cranes of the port stand still",
            "By Nadia Korbel",
            "12 May 2025",
            "The cranes of the port stood still on Monday.",
            "“We wait,” said Petr Havel.",
        )
    )
    assert article.title == "Cranes of the port stand still"
    assert article.byline == ("Nadia Korbel",)
    assert article.published and article.published.value == "2025-05-12"
    assert article.text == "The cranes of the port stood still on Monday.\n\n“We wait,” said Petr Havel."
    assert article.pages == ()


def test_properties() -> None:
    article = read(docx("The cranes of the port stood still.", "Nobody knew why.", docProps_core=CORE))
    assert (article.title, article.byline, article.language) == ("Cranes", ("Petr Havel",), "en")
    assert article.published is not None
    assert article.updated is not None
    assert (article.published.value, article.published.confidence) == ("2025-05-12T10:00:00+00:00", "low")
    assert article.updated.value == "2025-05-13T10:00:00+00:00"
    stated = read(docx("Ships wait", "12 June 2025", "The cranes stood still.", docProps_core=CORE))
    assert stated.title == "Ships wait"
    assert stated.published and (stated.published.value, stated.published.confidence) == ("2025-06-12", "high")


def test_signs_and_runs_make_words() -> None:
    stood = "<w:r><w:tab/><w:t>stood</w:t><w:br/><w:t>still</w:t></w:r>"
    assert read(docx(body=p("The cra", "nes", stood))).text == "The cranes\tstood\nstill"
    hyphens = "<w:r><w:t>river</w:t><w:noBreakHyphen/><w:t>po</w:t><w:softHyphen/><w:t>rt</w:t></w:r>"
    assert read(docx(body=p(hyphens))).text == "river-port"


def test_what_was_deleted_or_is_a_code_is_no_text() -> None:
    body = p(
        "Kept",
        "<w:del><w:r><w:delText>deleted</w:delText><w:t>deleted</w:t></w:r></w:del>",
        "<w:ins><w:r><w:t> inserted</w:t></w:r></w:ins>",
        "<w:r><w:instrText>PAGE</w:instrText></w:r>",
        "<w:hyperlink><w:r><w:t> linked</w:t></w:r></w:hyperlink>",
        "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>",
    )
    assert read(docx(body=body)).text == "Kept inserted linked"


def test_tables_stand_where_they_are() -> None:
    def cell(*paragraphs: str) -> str:
        return "<w:tc>" + "".join(p(text) for text in paragraphs) + "</w:tc>"

    rows = f"<w:tr>{cell('Port')}{cell('Cranes')}</w:tr><w:tr>{cell('Velmar')}{cell('')}{cell('9')}</w:tr>"
    laid_out = f"<w:tr>{cell('First story.', 'Its end.')}{cell('Second story.')}</w:tr>"
    nested = f"<w:tr><w:tc><w:tbl><w:tr>{cell('a')}{cell('b')}</w:tr></w:tbl></w:tc></w:tr>"
    body = p("Before.") + f"<w:tbl>{rows}{laid_out}{nested}</w:tbl>" + p("After.")
    lines = "Before./Port | Cranes/Velmar | 9/First story./Its end./Second story./a | b/After.".split("/")
    assert read(docx(body=body)).text.split("\n\n") == lines


def test_content_controls_and_text_boxes_in_tables_are_read() -> None:
    control = "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>".format
    box = f"<w:r><w:drawing><w:txbxContent>{p('In the box.')}</w:txbxContent></w:drawing></w:r>"
    rows = (
        f"<w:tr><w:tc>{p('Name')}</w:tc><w:tc>{control(p('Ann Cole'))}</w:tc></w:tr>"
        f"<w:tr><w:tc>{p('Port')}</w:tc>{control('<w:tc>' + p('Velmar') + '</w:tc>')}</w:tr>"
        f"{control('<w:tr><w:tc>' + p('Fee', control('<w:r><w:t> 9</w:t></w:r>')) + '</w:tc></w:tr>')}"
        f"<w:tr><w:tc>{p('Remark', box)}</w:tc></w:tr>"
    )
    lines = ["Before.", "Name | Ann Cole", "Port | Velmar", "Fee 9", "Remark", "In the box."]
    assert read(docx(body=p("Before.") + f"<w:tbl>{rows}</w:tbl>")).text.split("\n\n") == lines


def test_a_text_box_stands_once_behind_its_paragraph() -> None:
    box = f"<w:drawing><w:txbxContent>{p('In the box.')}</w:txbxContent></w:drawing>"
    body = p("Around it. ", f"<w:r><w:AlternateContent><w:Choice>{box}</w:Choice><w:Fallback>{box}</w:Fallback>"
             "</w:AlternateContent></w:r>", "More.")  # fmt: skip
    assert read(docx(body=body)).text == "Around it. More.\n\nIn the box."


def test_footnotes() -> None:
    notes = (
        '<w:footnotes xmlns:w="u"><w:footnote w:type="separator"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>'
        "<w:footnote><w:p><w:r><w:t>See the report.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    article = read(docx("The cranes stood still.", "Nobody knew why.", word_footnotes=notes))
    assert article.text == "The cranes stood still.\n\nNobody knew why.\n\nSee the report."
    broken = read(docx("The cranes stood still.", word_footnotes="words"))
    assert broken.text == "The cranes stood still."
    assert broken.notes == ("word/footnotes.xml ignored: damaged: word/footnotes.xml is not XML",)


def test_another_main_part_and_links() -> None:
    from tests.formats import zipped

    members: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": '<R><r Type="http://x/officeDocument" Target="/word/document2.xml"/></R>',
        "word/document2.xml": f'<w:document xmlns:w="u"><w:body>{p("Words.")}</w:body></w:document>',
        "word/_rels/document2.xml.rels": '<R><r Target="https://ledger.example/a"/><r Target="media/1.png"/>'
        '<r Target="javascript:x"/></R>',
    }
    article = read(zipped(members))
    assert article.text == "Words."
    assert article.links == ("https://ledger.example/a",)
