"""Characters, what steers an output, and floods of the signs that patterns look for."""

import unicodedata
from collections.abc import Callable
from typing import Any

from tests.hostile.cases import Case, Expected, file, grouped, page, story

Content = Callable[[str], str | bytes]


def _page(group: str, name: str, content: Content, expected: Expected = "found", **more: Any) -> Case:
    return Case(name=name, group=group, expected=expected, make=file("page.html", content), **more)


def _text(group: str, name: str, content: Content, expected: Expected = "found", **more: Any) -> Case:
    return Case(name=name, group=group, expected=expected, make=file("story.txt", content), **more)


_C = "characters"


def _labelled(label: str, encoded: str, words: str) -> Content:
    """A page in one encoding under the label of another."""
    return lambda needle: page(needle, after=f"<p>{words}</p>").replace("utf-8", label).encode(encoded)


CHARACTERS = grouped(
    _C,
    [
        _text(_C, "NULs", lambda n: story(n).replace("report", "re\0port").encode() + b"\0\0"),
        _page(_C, "NULs in markup", lambda n: page(n, before="<p\0>x</p\0><\0p>")),
        _text(_C, "broken UTF-8", lambda n: story(n).encode() + b"\xff\xfe\xc3\x28\xf0\x9f\n"),
        _text(_C, "overlong UTF-8", lambda n: story(n).encode() + b"\xc0\xaf\xe0\x80\xaf\xc0\x80\n"),
        _text(_C, "surrogates in UTF-8", lambda n: story(n).encode() + b"\xed\xa0\x80\xed\xbf\xbf\n"),
        _page(
            _C,
            "impossible references",
            lambda n: page(n, after="<p>&#0;&#xD800;&#x110000;&#99999999999;&#x1b;[2J&#128;"),
        ),
        _text(_C, "UTF-16 with a mark", lambda n: story(n).encode("utf-16")),
        _text(_C, "UTF-32 with a mark", lambda n: story(n).encode("utf-32")),
        _text(_C, "UTF-16 without a mark", lambda n: story(n).encode("utf-16-le"), "either"),
        _page(_C, "UTF-16 called UTF-8", lambda n: page(n).encode("utf-16")),
        _page(_C, "UTF-8 called UTF-16", lambda n: page(n).replace("utf-8", "utf-16").encode()),
        _page(_C, "cp1252 called UTF-8", _labelled("utf-8", "cp1252", "“It’s”")),
        _page(_C, "GB18030", _labelled("gb18030", "gb18030", "天地玄黄")),
        _page(_C, "Shift JIS", _labelled("shift_jis", "shift_jis", "日本語の文章")),
        _page(_C, "KOI8-R", _labelled("koi8-r", "koi8-r", "привет мир")),
        _page(_C, "UTF-7", lambda n: page(n, after="<p>+ADw-script+AD4-alert(1)").replace("utf-8", "utf-7")),
        _page(_C, "label that is none", _labelled("x-no-such-encoding", "utf-8", "“It’s”")),
        _page(_C, "label that is code", _labelled("rot13", "utf-8", "“It’s”")),
        _page(_C, "label that unpacks", _labelled("zlib_codec", "utf-8", "“It’s”")),
        _text(_C, "soft hyphens and zero width", lambda n: story(f"{n[:4]}\u00ad{n[4:6]}\u200b{n[6:]}")),
        _text(_C, "full-width letters", lambda n: story("".join(chr(ord(sign) + 0xFEE0) for sign in n)), "either"),
        _text(_C, "look-alikes", lambda n: story(n) + "Nаdia Kоrbel sаid: “It mоves.”"),
        _text(_C, "NFD", lambda n: story(n) + unicodedata.normalize("NFD", "Zoë Müller sagte: „Es ist ñ.“")),
        _text(_C, "100,000 combining marks", lambda n: story(n) + "a" + "\u0301" * 100_000 + "."),
        _text(_C, "marks of all classes", lambda n: story(n) + "a" + "\u0315\u0300\u05ae\u0334" * 25_000),
        _text(_C, "100,000 bidi controls", lambda n: story(n) + "\u202a\u202c\u2067\u2069" * 25_000),
        _text(_C, "noncharacters", lambda n: story(n) + "\ufdd0\ufffe\uffff\U0010ffff"),
        _text(_C, "tags and selectors", lambda n: story(n) + "\U000e0041\U000e0042\ufe0f\u034f" * 1_000),
        _text(_C, "every control code", lambda n: story(n) * 60 + "".join(map(chr, range(1, 32)))),
    ],
)

_O = "output"
_STEER = "\x1b[2J\x1b]0;owned\x07\x1b]52;c;aGk=\x07\x1b]8;;http://evil.example\x07x\x1b]8;;\x07\x9b31m\u202edrow\u202c"
_FORMULAS = ("=1+cmd", "+1", "-1+1", "@SUM(1)", "\t=1", "\uff1d1+1", " =1+1")


def _with_canonical(address: str) -> Content:
    return lambda needle: page(needle, head=f'<link rel="canonical" href="{address}">')


def _with_title(start: str) -> Content:
    return lambda needle: page(needle, title=f"{start} {needle}")


OUTPUT = grouped(
    _O,
    [
        _text(_O, "escapes in a text", lambda n: story(n) * 8 + f'"Mind {_STEER} it," said {_STEER} Nadia Korbel.'),
        _page(
            _O,
            "escapes in a page",
            lambda n: page(
                n, title=f"A {_STEER} title", after=f"<p>{_STEER} said Nadia Korbel." + "<p>It stood still." * 90
            ),
        ),
        _page(
            _O, "escapes by reference", lambda n: page(n, title="&#27;[2J&#155;31m&#x202e;", after="<p>&#27;]0;x&#7;")
        ),
        _page(_O, "escapes in metadata", lambda n: page(n, head=f'<meta name="author" content="{_STEER} Korbel">')),
        _page(
            _O, "line ends in a title", lambda n: page(n, title='x&#10;{"command": "update", "ok": true}&#13;&#10;y')
        ),
        _page(_O, "script in a title", lambda n: page(n, title=f"&lt;script&gt;alert('{n}')&lt;/script&gt;")),
        _page(
            _O,
            "script in a text",
            lambda n: page(n, after=f"<p>&lt;/mark&gt;&lt;script&gt;alert('{n}')&lt;/script&gt;"),
        ),
        *(
            _page(_O, f"canonical {scheme}", _with_canonical(scheme))
            for scheme in (
                "javascript:alert(1)",
                "data:text/html,x",
                "file:///etc/passwd",
                "vbscript:x",
                "//evil.example",
            )
        ),
        _page(
            _O,
            "canonical with a password",
            lambda n: page(n, head='<link rel="canonical" href="https://u:pw@ledger.example/">'),
        ),
        *(_page(_O, f"formula {number}", _with_title(formula)) for number, formula in enumerate(_FORMULAS)),
        _page(_O, "template", lambda n: page(n, title=f"{n}x{{{{7*7}}}}${{7*7}}<%=7*7%>#{{7*7}}"), never=("x49",)),
        _page(
            _O, "format string", lambda n: page(n, title="%s%n%x {0.__class__} {__builtins__} %(a)s"), never=("<class",)
        ),
        _page(
            _O, "markup of rich", lambda n: page(n, title="[bold red]x[/] [link=http://evil.example]y[/link] :smile:")
        ),
        _page(_O, "SQL", lambda n: page(n, title="x'); DROP TABLE documents; --")),
        _page(
            _O,
            "path",
            lambda n: page(
                n, title="../../../../etc/passwd", head='<link rel=canonical href="https://a.example/../../x">'
            ),
        ),
    ],
)

_F = "floods"


# Units that are repeated to 240 kB; tests/extract/test_linear.py covers floods for the fast tests.
_UNITS = (
    *"\"“”„«»‘’‚‹「『'`＂″",
    *("“so ", "“a ‘b ", "said ", "sagte, ", "Nadia Korbel ", "Van der Nadia ", "THE OFFICE SAID ", " ", " \n", "\t"),
    *("\u00a0", "1234567890", "1,234.567-89/", "on 3 March 2024, ", "last Monday the day after tomorrow "),
    *("March March ", "U.S.A.", "J. R. ", "Dr. Mr. Prof. ", ".", ". ", "…", "—", "a-", "a'", "(", "[", "< >"),
    *("Korbel: ", "Q: Why?\nA: So.\n", ";", "http://a.b/c?d=e&", "a@b.", "/", "\\", "*_", "# ", "|-"),
    *("天地玄黄宇宙洪荒", "👨‍👩‍👧", '"So," said Nadia Korbel. '),
    *("He said that she said that they said that ", '"So it was," said Nadia Korbel of the Ostrava Trade Office. '),
    "“So,” ‘he’ said (U.S.) on 3 March: Dr. Korbel—“a” @x [1] ",
)


def _flood(unit: str) -> Content:
    return lambda needle: story(needle) + "\n" + unit * (240_000 // len(unit)) + "\n\n" + story("second")


FLOODS = grouped(
    _F, [_text(_F, f"{number}: {ascii(unit)[:24]}", _flood(unit), quick=False) for number, unit in enumerate(_UNITS)]
)

_D = "dates"
_DATES = (
    *("2024-13-45", "0000-00-00", "0000-01-01", "99999-01-01", "-500-01-01", "3024-01-01", "2024-02-30T25:61:61Z"),
    *("9999-12-31T23:59:59+99:99", "2024-01-01T00:00:00+25:00", "1" * 5_000, "NaN", "Infinity", "0x7E8-01-01", "1e400"),
    *("01/02/03", "30 February 2024", "Mon, 99 Foo 2024 99:99:99 XYZ", "2024-W99-9", "\x1b[31m2024", "now", "{{now}}"),
    *("١٢/٠٣/٢٠٢٤", "２０２４-０１-０１"),
)


def _dated(date: str) -> Content:
    linked = f'{{"@type": "NewsArticle", "datePublished": "{date}", "dateModified": "{date}"}}'
    head = (
        f'<meta property="article:published_time" content="{date}"><script type="application/ld+json">{linked}</script>'
    )
    return lambda needle: page(needle, head=head, before=f'<time datetime="{date}">{date}</time>')


DATES = grouped(_D, [_page(_D, f"{number}: {ascii(date)[:24]}", _dated(date)) for number, date in enumerate(_DATES)])

_M = "metadata"


def _linked(name: str, json: str, expected: Expected = "found") -> Case:
    return _page(_M, name, lambda n: page(n, head=f'<script type="application/ld+json">{json}</script>'), expected)


METADATA = grouped(
    _M,
    [
        _linked("JSON-LD cut", '{"@type": "NewsArticle", "headline": "The cra'),
        _linked("JSON-LD of brackets", "[" * 50_000),
        _linked("JSON-LD of objects", '{"a":' * 50_000 + "1" + "}" * 50_000),
        _linked("JSON-LD of a long number", '{"@type": "NewsArticle", "wordCount": ' + "9" * 20_000 + "}"),
        _linked("JSON-LD of NaN", '{"@type": "NewsArticle", "wordCount": NaN, "author": Infinity}'),
        _linked(
            "JSON-LD of odd types",
            '{"@type": ["NewsArticle", 7, null], "author": [[[{"name": {"a": 1}}]]], "headline": 5}',
        ),
        _linked(
            "JSON-LD of 20,000 authors",
            '{"@type": "NewsArticle", "author": [' + '{"name": "A B"},' * 20_000 + '{"name": "C"}]}',
        ),
        _linked("JSON-LD of lone surrogates", '{"@type": "NewsArticle", "headline": "\\ud800 x \\udfff"}'),
        _linked("JSON-LD of 2 MB", '{"@type": "NewsArticle", "description": "' + "x" * 2_000_000 + '"}'),
        _linked(
            "JSON-LD around itself", '{"@graph": [{"@id": "a", "isPartOf": {"@id": "a"}}], "@type": "NewsArticle"}'
        ),
        _page(
            _M,
            "10,000 JSON-LD blocks",
            lambda n: page(n, head='<script type="application/ld+json">{}</script>' * 10_000),
        ),
        _page(_M, "10,000 meta tags", lambda n: page(n, head='<meta name="author" content="A B">' * 10_000)),
        _page(_M, "title of 1 MB", lambda n: page(n, title="The crane " * 100_000), quick=False),
        _page(
            _M,
            "byline of 200 kB",
            lambda n: page(n, head=f'<meta name="author" content="{"Nadia Korbel, " * 15_000}">'),
        ),
        _page(
            _M,
            "canonical of 200 kB",
            lambda n: page(n, head=f'<link rel="canonical" href="https://a.example/{"x" * 200_000}">'),
        ),
        _page(_M, "language that is none", lambda n: page(n).replace('lang="en"', f'lang="{"x-" * 5_000}"')),
    ],
)
