"""What looks like a box with other stories, and is a section of the article."""

import pytest

from tests.parse.pages import read

LEAD = "The lamp makers of Quillby open their workshops for a week, and visitors may try the old presses there. "
STEP = "Turn the press slowly until the brass stops creaking, and wait for the master before you let go. "
BOX = '<ul><li><a href="/2">A lamp for each street of Quillby</a></li><li><a href="/3">Brass is rare</a></li></ul>'


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


def test_a_list_of_links_under_a_label_goes() -> None:
    assert "Brass is rare" not in text_of(f"<h2>Related topics</h2>{BOX}<div><h2>Use</h2><p>{STEP * 5}</p></div>")


def test_the_teasers_of_a_topic_page_stay() -> None:
    teaser = "<article><h3><a href='/{0}'>Lamp {0}</a></h3><p>How the makers of lamp {0} press brass.</p></article>"
    text = read(
        "<!doctype html><html lang=en><head><title>Lamps</title></head><body><main><article><h1>Lamps of Quillby</h1>"
        f"<p>{LEAD}</p>{''.join(map(teaser.format, range(9)))}</article></main></body></html>"
    ).text
    assert "How the makers of lamp 4 press brass." in text
