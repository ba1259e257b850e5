"""RTF: header and paragraphs."""

from tests.parse.pages import read


def test_an_article() -> None:
    body = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Arial;}{\*\generator Mill;}\f0 Cranes stand still\par\par "
        rb"By Nadia Korbel\par"
        rb"\par The \b cranes\b0  of Plze\u328? stood still.\par \'93Nothing moves,\'94 she said.\par}"
    )
    article = read(body, "application/rtf")
    assert (article.title, article.byline) == ("Cranes stand still", ("Nadia Korbel",))
    assert article.text == "The cranes of Plzeň stood still.\n\n“Nothing moves,” she said."
