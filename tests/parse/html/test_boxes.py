"""Boxes with other stories or comments, and articles that stand below the label of one."""

import pytest
from lxml import html

from searchkit.parse.html import boxes
from tests.cases import cases
from tests.limits import processor_time_below
from tests.parse.pages import PARAGRAPHS, page, read

LEAD = "The lamp makers of Quillby open their workshops for a week, and visitors may try the old presses there. "
STEP = "Turn the press slowly until the brass stops creaking, and wait for the master before you let go. "
BOX = '<ul><li><a href="/2">A lamp for each street of Quillby</a></li><li><a href="/3">Brass is rare</a></li></ul>'
ARTICLE = (
    *PARAGRAPHS,
    "The two seals carry the number of the crane that set the crates down, the port said on Friday.",
)
TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in ARTICLE)
LABELS = cases(__file__, "test_labels_of_boxes")


def text_of(body: str) -> str:
    return read(
        f"<!doctype html><html lang=en><head><title>Lamps</title></head><body><article><h1>Lamps of Quillby</h1>"
        f"<p>{LEAD * 3}</p>{body}<p>{LEAD.replace('week', 'month') * 2}</p></article></body></html>"
    ).text


@pytest.mark.parametrize(
    "body",
    [
        f"<h3>Recommended courses</h3><div><h4>The press</h4><p>{STEP * 4}</p></div>",
        f'<h3>Recommended courses</h3><div><h4>The press</h4><p>{STEP * 4}<a href="/p">More</a></p></div>',
        f"<section><h3>Related products and services</h3><p>{STEP * 4}</p></section>",
        f"<h2>Related topics</h2>{BOX}<div><h2>How to press</h2><p>{STEP * 5}</p></div>",
        f'<p>More on presses:</p><ul><li><a href="/p">Presses</a>: {STEP}</li><li>Brass, 1911: {STEP * 3}</li></ul>',
    ],
)
def test_a_section_under_a_label_without_links_stays(body: str) -> None:
    assert STEP.strip() in text_of(body)


NOTICES = (
    'div class="articleCtaBox"',
    'div class="author-bio"',
    'section class="gform_wrapper"',
    'div id="cookie-notice"',
    'aside class="post-newsletter"',
    'p class="affiliate-disclosure"',
)


@pytest.mark.parametrize("tag", NOTICES)
def test_what_its_class_names_a_notice_goes(tag: str) -> None:
    assert STEP.strip() not in text_of(f"<{tag}>{STEP}</{tag.split(maxsplit=1)[0]}>")


@pytest.mark.parametrize(
    "tag", ['div class="cookie-recipe"', 'div class="author"', 'div class="related-articles"', 'div class="platform"']
)
def test_a_section_of_a_similar_class_stays(tag: str) -> None:
    assert STEP.strip() in text_of(f"<{tag}><p>{STEP * 4}</p></{tag.split(maxsplit=1)[0]}>")


def test_a_page_in_an_element_of_such_a_class_stays() -> None:
    for inside, outside in (("<h1>Lamps of Quillby</h1>", ""), ("", "<h1>Lamps of Quillby</h1>")):
        body = f'<body class="modal">{outside}<div class="modal subscription">{inside}{TEXT}</div></body>'
        assert ARTICLE[-1] in read(f"<!doctype html><html lang=en>{body}</html>").text


def test_a_list_of_links_under_a_label_goes() -> None:
    assert "Brass is rare" not in text_of(f"<h2>Related topics</h2>{BOX}<div><h2>Use</h2><p>{STEP * 5}</p></div>")


def test_the_teasers_of_a_topic_page_stay() -> None:
    teaser = "<article><h3><a href='/{0}'>Lamp {0}</a></h3><p>How the makers of lamp {0} press brass.</p></article>"
    text = read(
        "<!doctype html><html lang=en><head><title>Lamps</title></head><body><main><article><h1>Lamps of Quillby</h1>"
        f"<p>{LEAD}</p>{''.join(map(teaser.format, range(9)))}</article></main></body></html>"
    ).text
    assert "How the makers of lamp 4 press brass." in text


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "body",
    [
        f'<div class="body">{TEXT}</div>',
        f"<div><div>{TEXT}</div></div>",
        f"<section>{TEXT}</section>",
        "".join(f"<div><p>{paragraph}</p></div>" for paragraph in ARTICLE),
    ],
)
def test_an_article_below_a_label_stays(label: str, body: str) -> None:
    more = "<p>The port opens its gates at six on weekdays. No cranes run at night.</p>" * 9
    for rest in ("", f"<aside>{more}</aside>"):  # also when the article is less than half of the page
        article = read(page(body=f"<h1>Crates in hall nine</h1>{label}{body}", paragraphs=()).replace("</main>", rest))
        assert all(paragraph in article.text for paragraph in ARTICLE)


@pytest.mark.parametrize(
    "box",
    [
        '<h3>Related</h3><ul><li><a href="/a">UNWANTED crane turns at noon</a></li></ul>',
        f'<h3>3 comments</h3><div class="comments">{"<p>UNWANTED, a reader wrote under this page. </p>" * 9}</div>',
        "<section><h2>Most read</h2><p>UNWANTED crane turns at noon</p></section>",
    ],
)
def test_a_box_below_an_article_goes(box: str) -> None:
    article = read(page(paragraphs=(*ARTICLE, *ARTICLE[:2])).replace("</article>", f"{box}</article>"))
    assert "UNWANTED" not in article.text
    assert ARTICLE[-1] in article.text


@pytest.mark.parametrize("piece", ["the crate <br>", "<div>Related</div>"])
def test_many_line_breaks_and_labels_take_linear_time(piece: str) -> None:
    root = html.fromstring(f"<html><body><article><div>{piece * 3_000}</div></article></body></html>")
    with processor_time_below(2):
        boxes.leave_out(root)


def test_line_breaks_in_a_sentence() -> None:
    root = html.fromstring("<div><p>The crate,<br>the <b>seal</b><br> and<br/>the crane.<br>It turned<br></p></div>")
    boxes.leave_out(root)
    assert html.tostring(root, encoding="unicode") == (
        "<div><p>The crate, the <b>seal</b> and the crane.<br>It turned<br></p></div>"
    )


def test_a_heading_behind_blanks_that_only_python_strips() -> None:
    assert (
        "Selden"
        in read(f"<div>\u00a0</div><h2>Ann Lind, mayor of Selden</h2><p>{'A port has to stay. ' * 20}</p>").text
    )
