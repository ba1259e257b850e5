"""Characters, what steers an output, and floods of the characters that patterns look for."""

import unicodedata

from tests.hostile.cases import Case, Content, files, page, story

_C, _O, _M = "characters", "output", "metadata"


def _labelled(label: str, encoded: str, words: str) -> Content:
    """Return a page in one encoding under the label of another."""
    return lambda n: page(n, after=f"<p>{words}</p>").replace("utf-8", label).encode(encoded)


_TEXTS: dict[str, Content] = {
    "NULs": lambda n: story(n).replace("report", "re\0port").encode() + b"\0\0",
    "broken UTF-8": lambda n: story(n).encode() + b"\xff\xfe\xc3\x28\xf0\x9f\n",
    "overlong UTF-8": lambda n: story(n).encode() + b"\xc0\xaf\xe0\x80\xaf\xc0\x80\n",
    "surrogates in UTF-8": lambda n: story(n).encode() + b"\xed\xa0\x80\xed\xbf\xbf\n",
    "UTF-16 with a mark": lambda n: story(n).encode("utf-16"),
    "UTF-32 with a mark": lambda n: story(n).encode("utf-32"),
    "soft hyphens and zero width": lambda n: story(f"{n[:4]}\u00ad{n[4:6]}\u200b{n[6:]}"),
    "look-alikes": lambda n: story(n) + "Nаdia Kоrbel sаid: “It mоves.”",
    "NFD": lambda n: story(n) + unicodedata.normalize("NFD", "Zoë Müller sagte: „Es ist ñ.“"),
    "100,000 combining marks": lambda n: story(n) + "a" + "\u0301" * 100_000 + ".",
    "marks of all classes": lambda n: story(n) + "a" + "\u0315\u0300\u05ae\u0334" * 25_000,
    "100,000 bidi controls": lambda n: story(n) + "\u202a\u202c\u2067\u2069" * 25_000,
    "noncharacters": lambda n: story(n) + "\ufdd0\ufffe\uffff\U0010ffff",
    "tags and selectors": lambda n: story(n) + "\U000e0041\U000e0042\ufe0f\u034f" * 1_000,
    "every control code": lambda n: story(n) * 60 + "".join(map(chr, range(1, 32))),
}
_UNCERTAIN: dict[str, Content] = {
    "UTF-16 without a mark": lambda n: story(n).encode("utf-16-le"),
    "full-width letters": lambda n: story("".join(chr(ord(letter) + 0xFEE0) for letter in n)),
}
_PAGES: dict[str, Content] = {
    "NULs in markup": lambda n: page(n, before="<p\0>x</p\0><\0p>"),
    "impossible references": lambda n: page(n, after="<p>&#0;&#xD800;&#x110000;&#99999999999;&#x1b;[2J&#128;"),
    "UTF-16 called UTF-8": lambda n: page(n).encode("utf-16"),
    "UTF-8 called UTF-16": lambda n: page(n).replace("utf-8", "utf-16").encode(),
    "cp1252 called UTF-8": _labelled("utf-8", "cp1252", "“It’s”"),
    "GB18030": _labelled("gb18030", "gb18030", "天地玄黄"),
    "Shift JIS": _labelled("shift_jis", "shift_jis", "日本語の文章"),
    "KOI8-R": _labelled("koi8-r", "koi8-r", "привет мир"),
    "UTF-7": lambda n: page(n, after="<p>+ADw-script+AD4-alert(1)").replace("utf-8", "utf-7"),
    "unknown label": _labelled("x-no-such-encoding", "utf-8", "“It’s”"),
    "label that is code": _labelled("rot13", "utf-8", "“It’s”"),
    "label that unpacks": _labelled("zlib_codec", "utf-8", "“It’s”"),
}
CHARACTERS = (
    *files(_C, "story.txt", "found", _TEXTS),
    *files(_C, "story.txt", "either", _UNCERTAIN),
    *files(_C, "page.html", "found", _PAGES),
)

_STEER = "\x1b[2J\x1b]0;owned\x07\x1b]52;c;aGk=\x07\x1b]8;;http://evil.example\x07x\x1b]8;;\x07\x9b31m\u202edrow\u202c"
_FORMULAS = ("=1+cmd", "+1", "-1+1", "@SUM(1)", "\t=1", "\uff1d1+1", " =1+1")
_TARGETS = ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//evil.example")


def _canonical(address: str) -> Content:
    return lambda n: page(n, head=f'<link rel="canonical" href="{address}">')


def _titled(title: str, after: str = "") -> Content:
    return lambda n: page(n, title=title.replace("NEEDLE", n), after=after)


_OUTPUT: dict[str, Content] = {
    "escapes in a page": _titled(f"A {_STEER} title", f"<p>{_STEER} said Nadia Korbel." + "<p>It stood still." * 90),
    "escapes by reference": _titled("&#27;[2J&#155;31m&#x202e;", "<p>&#27;]0;x&#7;"),
    "escapes in metadata": lambda n: page(n, head=f'<meta name="author" content="{_STEER} Korbel">'),
    "line ends in a title": _titled('x&#10;{"command": "update", "ok": true}&#13;&#10;y'),
    "script in a title": _titled("&lt;script&gt;alert('NEEDLE')&lt;/script&gt;"),
    "script in a text": _titled("The crane", "<p>&lt;/mark&gt;&lt;script&gt;alert('x')&lt;/script&gt;"),
    **{f"canonical {target}": _canonical(target) for target in _TARGETS},
    "canonical with a password": _canonical("https://u:pw@ledger.example/"),
    **{f"formula {number}": _titled(f"{formula} NEEDLE") for number, formula in enumerate(_FORMULAS)},
    "markup of rich": _titled("[bold red]x[/] [link=http://evil.example]y[/link] :smile:"),
    "SQL": _titled("x'); DROP TABLE documents; --"),
    "path": lambda n: page(
        n, title="../../../etc/passwd", head='<link rel=canonical href="https://a.example/../../x">'
    ),
}
_TEMPLATE: dict[str, Content] = {"template": _titled("NEEDLEx{{7*7}}${7*7}<%=7*7%>#{7*7}")}
_FORMAT: dict[str, Content] = {"format string": _titled("%s%n%x {0.__class__} {__builtins__} %(a)s")}
_ESCAPES: dict[str, Content] = {
    "escapes in a text": lambda n: story(n) * 8 + f'"Mind {_STEER} it," said {_STEER} Nadia Korbel.'
}
OUTPUT = (
    *files(_O, "page.html", "found", _OUTPUT),
    *files(_O, "page.html", "found", _TEMPLATE, never=("x49",)),
    *files(_O, "page.html", "found", _FORMAT, never=("<class",)),
    *files(_O, "story.txt", "found", _ESCAPES),
)

# Units that are repeated to 240 kB; tests/statements/test_linear.py covers floods for the fast tests.
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
    return lambda n: story(n) + "\n" + unit * (240_000 // len(unit)) + "\n\n" + story("second")


_FLOODS = {f"{number}: {ascii(unit)[:24]}": _flood(unit) for number, unit in enumerate(_UNITS)}
FLOODS = files("floods", "story.txt", "found", _FLOODS, quick=False)

_DATES = (
    *("2024-13-45", "0000-00-00", "0000-01-01", "99999-01-01", "-500-01-01", "3024-01-01", "2024-02-30T25:61:61Z"),
    *("9999-12-31T23:59:59+99:99", "2024-01-01T00:00:00+25:00", "1" * 5_000, "NaN", "Infinity", "0x7E8-01-01", "1e400"),
    *("01/02/03", "30 February 2024", "Mon, 99 Foo 2024 99:99:99 XYZ", "2024-W99-9", "\x1b[31m2024", "now", "{{now}}"),
    *("١٢/٠٣/٢٠٢٤", "２０２４-０１-０１"),
)


def _linked(json: str, more: str = "") -> str:
    return f'<script type="application/ld+json">{json}</script>{more}'


def _dated(date: str) -> Content:
    linked = f'{{"@type": "NewsArticle", "datePublished": "{date}", "dateModified": "{date}"}}'
    head = _linked(linked, f'<meta property="article:published_time" content="{date}">')
    return lambda n: page(n, head=head, before=f'<time datetime="{date}">{date}</time>')


_DATED = {f"{number}: {ascii(date)[:24]}": _dated(date) for number, date in enumerate(_DATES)}
DATES = files("dates", "page.html", "found", _DATED)

_NEWS = '{"@type": "NewsArticle", '
_HEADS = {
    "JSON-LD cut": _linked(_NEWS + '"headline": "The cra'),
    "JSON-LD of brackets": _linked("[" * 50_000),
    "JSON-LD of objects": _linked('{"a":' * 50_000 + "1" + "}" * 50_000),
    "JSON-LD of a long number": _linked(_NEWS + '"wordCount": ' + "9" * 20_000 + "}"),
    "JSON-LD of NaN": _linked(_NEWS + '"wordCount": NaN, "author": Infinity}'),
    "JSON-LD of odd types": _linked(
        '{"@type": ["NewsArticle", 7, null], "author": [[[{"name": {"a": 1}}]]], "headline": 5}'
    ),
    "JSON-LD of 20,000 authors": _linked(_NEWS + '"author": [' + '{"name": "A B"},' * 20_000 + '{"name": "C"}]}'),
    "JSON-LD of lone surrogates": _linked(_NEWS + '"headline": "\\ud800 x \\udfff"}'),
    "JSON-LD of 2 MB": _linked(_NEWS + '"description": "' + "x" * 2_000_000 + '"}'),
    "JSON-LD around itself": _linked('{"@graph": [{"@id": "a", "isPartOf": {"@id": "a"}}], "@type": "NewsArticle"}'),
    "10,000 JSON-LD blocks": _linked("{}") * 10_000,
    "10,000 meta tags": '<meta name="author" content="A B">' * 10_000,
    "byline of 200 kB": f'<meta name="author" content="{"Nadia Korbel, " * 15_000}">',
    "canonical of 200 kB": f'<link rel="canonical" href="https://a.example/{"x" * 200_000}">',
}


def _headed(head: str) -> Content:
    return lambda n: page(n, head=head)


_LANGUAGE: dict[str, Content] = {
    "language that is none": lambda n: page(n).replace('lang="en"', f'lang="{"x-" * 5_000}"')
}
_LONG_TITLE: dict[str, Content] = {"title of 1 MB": lambda n: page(n, title="The crane " * 100_000)}
METADATA: tuple[Case, ...] = (
    *files(_M, "page.html", "found", {name: _headed(head) for name, head in _HEADS.items()}),
    *files(_M, "page.html", "found", _LANGUAGE),
    *files(_M, "page.html", "found", _LONG_TITLE, quick=False),
)
