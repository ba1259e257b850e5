"""Structure: nesting, floods of markup, pages without any; and files that are not what their names say."""

from tests.hostile.cases import Case, Content, files, page, story

GROUP = "structure"
DEPTHS, GREAT_DEPTHS = (250, 300, 1_000, 2_100), (20_000, 100_000)


def _inside(depth: int, tag: str = "div") -> Content:
    opened, closed = f"<{tag}>" * depth, f"</{tag}>" * depth
    return lambda n: page("first", after=f"{opened}<p>And inside the {n} report.</p>{closed}")


def _after(depth: int) -> Content:
    return lambda n: page("first", after="<div>" * depth + "x" + "</div>" * depth + f"<p>Behind it the {n} report.</p>")


def _nested(depths: tuple[int, ...]) -> dict[str, Content]:
    inside = {f"nested {depth}, inside": _inside(depth) for depth in depths}
    return inside | {f"nested {depth}, after": _after(depth) for depth in depths}


_FOUND: dict[str, Content] = {
    **_nested(DEPTHS),
    "nested inline": _inside(5_000, "b"),
    "nested tables": _inside(400, "table><tr><td"),
    "nested lists": _inside(400, "ul><li"),
    "nested quotes": _inside(600, "blockquote"),
    "misnested": lambda n: page(n, before="<b><i><a><p></b></i></a>" * 500),
    "misnested without end": lambda n: page(n, before="<a><b><i><font>" * 3_000),
    "100,000 open paragraphs": lambda n: page(n, after="<p>" * 100_000),
    "100,000 closed never opened": lambda n: page(n, before="</div>" * 100_000),
    "50,000 attributes": lambda n: page(n, before=f"<p {' '.join(f'a{i}=1' for i in range(50_000))}>x"),
    "comment without end": lambda n: page(n, after="<!-- " + "x" * 100_000),
    "script without end": lambda n: page(n, after="<script>" + "x()" * 50_000),
    "style without end": lambda n: page(n, after="<style>" + "p{}" * 50_000),
    "100,000 comments": lambda n: page(n, before="<!-- x -->" * 100_000),
    "100,000 entities": lambda n: page(n, after="<p>" + "&amp;" * 100_000),
    "100,000 less-than signs": lambda n: page(n, after="<p>" + "<" * 100_000),
    "bare fragment": lambda n: f"<p>{story(n)}</p>",
    "no markup": story,
    # Hidden words do not belong to the article; they may be left out, and must not harm the rest.
    "hidden words": lambda n: page(n, after="<template>t</template><p style='display:none'>h</p>"),
    "20,000 headings": lambda n: page(n, after="<h2>More</h2>" * 20_000),
    "20,000 links": lambda n: page(n, after="".join(f"<a href='/{i}'>more {i}</a> " for i in range(20_000))),
    "20,000 items": lambda n: page(n, after="<ul>" + "<li>One more.</li>" * 20_000),
    "select of 20,000": lambda n: page(n, before="<select>" + "<option>x" * 20_000 + "</select>"),
    "svg and math": lambda n: page(n, before="<svg><title>x</title><p></svg><math><mi><svg>" * 200),
    "base to a file": lambda n: page(n, head='<base href="file:///etc/">', after="<a href=passwd>x</a>"),
    "refresh to a file": lambda n: page(n, head='<meta http-equiv=refresh content="0;url=file:///etc/passwd">'),
}
_EITHER: dict[str, Content] = {
    "100,000 open spans": lambda n: page(n, after="<span>" * 100_000),
    "attribute without end": lambda n: page(n, after='<a href="' + "x" * 200_000),
    "title without end": lambda n: "<title>" + story(n),
    "doctype without end": lambda n: "<!doctype " + "x " * 100_000 + page(n),
    "100,000 doctypes": lambda n: "<!doctype html>" * 100_000 + page(n),
    "frameset": lambda n: f"<html><frameset><frame src=x></frameset><noframes>{story(n)}</noframes></html>",
    "plaintext": lambda n: page(n, before="<plaintext>"),
    "empty": lambda _: "",
    "blank": lambda _: " \n\t" * 10_000,
    "only a mark": lambda _: b"\xef\xbb\xbf",
}
_LARGE: dict[str, Content] = {
    **_nested(GREAT_DEPTHS),
    "19 MB of paragraphs": lambda n: page(n, after="<p>It stood still." * 1_000_000),
    "8 MB of tables": lambda n: page(n, after="<table>" + "<tr><td>1<td>2" * 570_000),
}
_LONG: dict[str, Content] = {"attribute of 3 MB": lambda n: page(n, before=f'<p title="{"x" * 3_000_000}">x</p>')}
_TEXTS: dict[str, Content] = {
    "100,000 lines of a letter": lambda n: story(n) + "x\n" * 100_000,
    "200,000 line ends": lambda n: story(n) + "\r\n\r" * 100_000 + "x",
    "page called txt": page,
}
_LONG_TEXTS: dict[str, Content] = {
    "line of 3 MB": lambda n: story(n) + "word " * 600_000,
    "token of 3 MB": lambda n: story(n) + "x" * 3_000_000,
    "token of 3 MB with a stop": lambda n: story(n) + "X." * 1_500_000,
}
_LARGE_TEXTS: dict[str, Content] = {
    "19 MB of sentences": lambda n: story(n) + "The crane stood still. " * 820_000,
    "19 MB of statements": lambda n: story(n) + '"It moves," said Nadia Korbel. ' * 600_000,
}
_TOO_LARGE: dict[str, Content] = {"larger than the limit": lambda n: story(n) + "The crane stood still. " * 1_000_000}
_BYTES = bytes(range(256)) * 40

CASES: tuple[Case, ...] = (
    *files(GROUP, "page.html", "found", _FOUND),
    *files(GROUP, "page.html", "either", _EITHER),
    *files(GROUP, "page.html", "found", _LONG, quick=False),
    *files(GROUP, "page.html", "either", _LARGE, quick=False),
    *files(GROUP, "story.txt", "found", _TEXTS),
    *files(GROUP, "story.txt", "found", _LONG_TEXTS, quick=False),
    *files(GROUP, "story.txt", "either", _LARGE_TEXTS, quick=False),
    *files(GROUP, "story.txt", "refused", _TOO_LARGE, quick=False),
    *files(GROUP, "page.html", "refused", {"executable called html": lambda n: b"\x7fELF\x02" + _BYTES + n.encode()}),
    *files(GROUP, "story.txt", "refused", {"image called txt": lambda n: b"\x89PNG\r\n\x1a\n" + _BYTES + n.encode()}),
    *files(GROUP, "story.jsonl", "refused", {"text called jsonl": story}),
    *(
        case
        for kind in ("pdf", "docx", "zip", "txt.gz", "warc", "mbox", "eml")
        for case in files(GROUP, f"story.{kind}", "either", {f"text called {kind}": story})
    ),
)
