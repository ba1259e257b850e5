"""Structure: nesting, floods of markup, pages without any; and files that are not what their names say."""

from collections.abc import Callable
from typing import Any

from tests.hostile.cases import Case, Expected, file, grouped, page, story

GROUP = "structure"


def _html(name: str, expected: Expected, content: Callable[[str], str | bytes], **more: Any) -> Case:
    return Case(name=name, group=GROUP, expected=expected, make=file("page.html", content), **more)


def _text(name: str, expected: Expected, content: Callable[[str], str | bytes], **more: Any) -> Case:
    return Case(name=name, group=GROUP, expected=expected, make=file("story.txt", content), **more)


def _inside(depth: int, tag: str = "div") -> Callable[[str], str]:
    return lambda needle: page(
        "first", after=f"<{tag}>" * depth + f"<p>And inside the {needle} report.</p>" + f"</{tag}>" * depth
    )


def _after(depth: int, tag: str = "div") -> Callable[[str], str]:
    return lambda needle: page(
        "first", after=f"<{tag}>" * depth + "x" + f"</{tag}>" * depth + f"<p>Behind it the {needle} report.</p>"
    )


CASES = grouped(
    GROUP,
    [
        *(_html(f"nested {depth}, inside", "found", _inside(depth)) for depth in (250, 300, 1_000, 2_100)),
        *(_html(f"nested {depth}, after", "found", _after(depth)) for depth in (250, 300, 1_000, 2_100)),
        *(_html(f"nested {depth}, inside", "either", _inside(depth), quick=False) for depth in (20_000, 100_000)),
        *(_html(f"nested {depth}, after", "either", _after(depth), quick=False) for depth in (20_000, 100_000)),
        _html("nested inline", "found", _inside(5_000, "b")),
        _html("nested tables", "found", _inside(400, "table><tr><td")),
        _html("nested lists", "found", _inside(400, "ul><li")),
        _html("nested quotes", "found", _inside(600, "blockquote")),
        _html("misnested", "found", lambda needle: page(needle, before="<b><i><a><p></b></i></a>" * 500)),
        _html("misnested without end", "found", lambda needle: page(needle, before="<a><b><i><font>" * 3_000)),
        _html("100,000 open paragraphs", "found", lambda needle: page(needle, after="<p>" * 100_000)),
        _html("100,000 open spans", "either", lambda needle: page(needle, after="<span>" * 100_000)),
        _html("100,000 closed never opened", "found", lambda needle: page(needle, before="</div>" * 100_000)),
        _html(
            "50,000 attributes", "found", lambda n: page(n, before=f"<p {' '.join(f'a{i}=1' for i in range(50_000))}>x")
        ),
        _html(
            "attribute of 3 MB", "found", lambda n: page(n, before=f'<p title="{"x" * 3_000_000}">x</p>'), quick=False
        ),
        _html("attribute without end", "either", lambda needle: page(needle, after='<a href="' + "x" * 200_000)),
        _html("comment without end", "found", lambda needle: page(needle, after="<!-- " + "x" * 100_000)),
        _html("script without end", "found", lambda needle: page(needle, after="<script>" + "x()" * 50_000)),
        _html("style without end", "found", lambda needle: page(needle, after="<style>" + "p{}" * 50_000)),
        _html("title without end", "either", lambda needle: "<title>" + story(needle)),
        _html("100,000 comments", "found", lambda needle: page(needle, before="<!-- x -->" * 100_000)),
        _html("100,000 entities", "found", lambda needle: page(needle, after="<p>" + "&amp;" * 100_000)),
        _html("100,000 less-than signs", "found", lambda needle: page(needle, after="<p>" + "<" * 100_000)),
        _html("doctype without end", "either", lambda needle: "<!doctype " + "x " * 100_000 + page(needle)),
        _html("100,000 doctypes", "either", lambda needle: "<!doctype html>" * 100_000 + page(needle)),
        _html("bare fragment", "found", lambda needle: f"<p>{story(needle)}</p>"),
        _html("no markup", "found", story),
        _html(
            "frameset",
            "either",
            lambda n: f"<html><frameset><frame src=x></frameset><noframes>{story(n)}</noframes></html>",
        ),
        # Hidden words are no words of the article; they may be left out, and may not bring the rest down.
        _html("hidden words", "found", lambda n: page(n, after="<template>t</template><p style='display:none'>h</p>")),
        _html("20,000 headings", "found", lambda needle: page(needle, after="<h2>More</h2>" * 20_000)),
        _html(
            "20,000 links",
            "found",
            lambda n: page(n, after="".join(f"<a href='/{i}'>more {i}</a> " for i in range(20_000))),
        ),
        _html("20,000 items", "found", lambda needle: page(needle, after="<ul>" + "<li>One more.</li>" * 20_000)),
        _html(
            "select of 20,000",
            "found",
            lambda needle: page(needle, before="<select>" + "<option>x" * 20_000 + "</select>"),
        ),
        _html("svg and math", "found", lambda n: page(n, before="<svg><title>x</title><p></svg><math><mi><svg>" * 200)),
        _html("plaintext", "either", lambda needle: page(needle, before="<plaintext>")),
        _html("empty", "either", lambda _: ""),
        _html("blank", "either", lambda _: " \n\t" * 10_000),
        _html("only a mark", "either", lambda _: b"\xef\xbb\xbf"),
        _html(
            "base to a file",
            "found",
            lambda n: page(n, head='<base href="file:///etc/">', after="<a href=passwd>x</a>"),
        ),
        _html(
            "refresh to a file",
            "found",
            lambda n: page(n, head='<meta http-equiv=refresh content="0;url=file:///etc/passwd">'),
        ),
        _text("line of 3 MB", "found", lambda n: story(n) + "word " * 600_000, quick=False),
        _text("token of 3 MB", "found", lambda n: story(n) + "x" * 3_000_000, quick=False),
        _text("token of 3 MB with a stop", "found", lambda n: story(n) + "X." * 1_500_000, quick=False),
        _text("19 MB of sentences", "either", lambda n: story(n) + "The crane stood still. " * 820_000, quick=False),
        _text(
            "19 MB of statements",
            "either",
            lambda n: story(n) + '"It moves," said Nadia Korbel. ' * 600_000,
            quick=False,
        ),
        _text(
            "larger than any may be", "refused", lambda n: story(n) + "The crane stood still. " * 1_000_000, quick=False
        ),
        _text("100,000 lines of a letter", "found", lambda n: story(n) + "x\n" * 100_000),
        _text("200,000 line ends", "found", lambda n: story(n) + "\r\n\r" * 100_000 + "x"),
        _html("19 MB of paragraphs", "either", lambda n: page(n, after="<p>It stood still." * 1_000_000), quick=False),
        _html("8 MB of tables", "either", lambda n: page(n, after="<table>" + "<tr><td>1<td>2" * 570_000), quick=False),
        Case(
            name="executable called html",
            group=GROUP,
            expected="refused",
            make=file("page.html", lambda n: b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40 + n.encode()),
        ),
        Case(
            name="image called txt",
            group=GROUP,
            expected="refused",
            make=file("story.txt", lambda n: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40 + n.encode()),
        ),
        Case(name="page called txt", group=GROUP, expected="found", make=file("story.txt", page)),
        Case(name="text called pdf", group=GROUP, expected="either", make=file("story.pdf", story)),
        Case(name="text called docx", group=GROUP, expected="either", make=file("story.docx", story)),
        Case(name="text called zip", group=GROUP, expected="either", make=file("story.zip", story)),
        Case(name="text called gz", group=GROUP, expected="either", make=file("story.txt.gz", story)),
        Case(name="text called warc", group=GROUP, expected="either", make=file("story.warc", story)),
        Case(name="text called mbox", group=GROUP, expected="either", make=file("story.mbox", story)),
        Case(name="text called jsonl", group=GROUP, expected="refused", make=file("story.jsonl", story)),
        Case(name="text called eml", group=GROUP, expected="either", make=file("story.eml", story)),
    ],
)
