"""Malicious sources: a run has one of them first, and four ordinary ones, which it must not delay."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from searchkit.errors import SearchkitError
from searchkit.sqlite import open_read_only
from tests.crawl.web import misdeeds
from tests.crawl.web.site import Act, Request, Site, Wire
from tests.test_update import feed, story

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 6))
MALICIOUS, *ORDINARY = HOSTS
PAGES = 3
# Delay of the ordinary sources that the documentation promises at most.
DELAY_SECONDS = 60.0
# A run ends so soon after an interrupt.
END_SECONDS = 30.0
_TIMEOUT_SECONDS = 300.0
_SOURCE = """[[source]]
name = "{name}"
kind = "{kind}"
location = "{location}"
delay = 0
allow_hosts = {hosts}
"""

Malice = Callable[[Site], tuple[str, str]]
"""Lets the malicious host act; returns the kind of its source and its path."""


def _page(body: str | bytes, media_type: str = "text/html", status: str = "200 OK", more: str = "") -> bytes:
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(data)}\r\n{more}\r\n"
    return head.encode() + data


def _answers(kind: str, path: str, make: Callable[[Site, str], bytes], *, robots: bytes = b"") -> Malice:
    """Let the host answer each path with the bytes of `make`, and robots.txt with `robots`."""

    def malice(site: Site) -> tuple[str, str]:
        def act(wire: Wire, request: Request) -> None:
            is_robots = request.path == "/robots.txt"
            wire.send(_page(robots, "text/plain") if is_robots else make(site, request.path))

        site.answers(MALICIOUS, act)
        return kind, path

    return malice


def _acts(kind: str, path: str, act: Act, *, everywhere: bool = False) -> Malice:
    """Let `act` answer everything, or everything but robots.txt."""

    def malice(site: Site) -> tuple[str, str]:
        def other(wire: Wire, request: Request) -> None:
            if request.path == "/robots.txt" and not everywhere:
                wire.send(_page("", "text/plain"))
            else:
                act(wire, request)

        site.answers(MALICIOUS, other)
        return kind, path

    return malice


def _number(path: str) -> int:
    return int("".join(filter(str.isdecimal, path)) or 0)


def _links(site: Site, path: str) -> bytes:
    """A page of a calendar: links to 30 days that come after."""
    first = _number(path) + 1
    links = "".join(f'<a href="/day/{number}">day {number}</a>' for number in range(first, first + 30))
    return _page(story(f"Day {path}", f"gate {path}").replace("<nav>", f"<nav>{links}"))


def _index(site: Site, path: str) -> bytes:
    first = _number(path) * 100 + 1
    listed = "".join(
        f"<sitemap><loc>{site.url(f'/map{number}.xml')}</loc></sitemap>" for number in range(first, first + 100)
    )
    return _page(
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>', "text/xml"
    )


def _paged(site: Site, path: str) -> bytes:
    """A feed whose next page is always there, as RFC 5005 names it."""
    number = _number(path)
    entries = feed(site, *(f"/x{number}-{entry}" for entry in range(20)))
    following = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{site.url(f"/f{number + 1}")}"/>'
    is_feed = path.startswith("/f")
    return (
        _page(entries.replace("<item>", f"{following}<item>", 1), "text/xml") if is_feed else _page(story(path, path))
    )


def _redirects(site: Site, path: str) -> bytes:
    """Redirects without end, from one host to the next and back; a feed leads to them."""
    if path == "/feed":
        return _page(feed(site, *(f"/r{number}" for number in range(500))), "text/xml")
    target = site.url(f"{path}x" if len(path) < 60 else "/r0")
    return _page("", status="302 Found", more=f"Location: {target}\r\n")


def _hogs(site: Site, path: str) -> bytes:
    """Pages that cost the parser as much as they may."""
    if path == "/feed":
        return _page(feed(site, *(f"/hog{number}" for number in range(200))), "text/xml")
    body = "<p>He said, &quot;the crane" * 60_000
    return _page(f"<html><body><article><h1>{path}</h1>{body}")


def _at_others(site: Site, path: str) -> bytes:
    """A feed of thousands of pages at the hosts of the ordinary sources."""
    listed = "".join(
        f"<item><link>{site.url(f'/none{number}', host=ORDINARY[number % len(ORDINARY)])}</link></item>"
        for number in range(4_000)
    )
    return _page(f'<?xml version="1.0"?><rss version="2.0"><channel>{listed}</channel></rss>', "text/xml")


def _floods(site: Site, path: str) -> bytes:
    """A feed of 900 pages of 5 MB."""
    if path == "/feed":
        return _page(feed(site, *(f"/big{number}" for number in range(900))), "text/xml")
    return _page(story(path, path).replace("<nav>", "<nav>" + "<a href='/x'>x</a>" * 300_000))


def _waits(site: Site, path: str) -> bytes:
    return _page("", status="429 Too Many Requests", more="Retry-After: 100\r\n")


_LINES = b"User-agent: *\nDisallow: /private\n"
_MAPS = b"".join(b"Sitemap: http://127.0.0.1:1/map%d.xml\n" % number for number in range(100_000))
KINDS: Mapping[str, Malice] = {
    "tarpit": _acts("feed", "/feed", misdeeds.STALLS, everywhere=True),
    "tarpit behind robots.txt": _acts("site", "/", misdeeds.STALLS),
    "slow drip of the body": _acts("feed", "/feed", misdeeds.TRICKLES),
    "slow drip of headers": _acts("feed", "/feed", misdeeds.TRICKLES_HEADERS, everywhere=True),
    "endless body": _acts("site", "/", misdeeds.ENDLESS_BODY),
    "endless headers": _acts("feed", "/feed", misdeeds.ENDLESS_HEADERS),
    "compressed bomb": _acts("site", "/", misdeeds.bomb("gzip")),
    "endless sitemap index": _answers("site", "/map0.xml", _index),
    "endless feed paging": _answers("feed", "/f0", _paged),
    "redirects without end": _answers("feed", "/feed", _redirects),
    "robots.txt of 10 MB": _answers("site", "/", _links, robots=_LINES * (10_000_000 // len(_LINES))),
    "robots.txt with 100,000 sitemaps": _answers("site", "/", _links, robots=_LINES + _MAPS),
    "robots.txt with 100,000 wildcards": _answers(
        "site", "/", _links, robots=_LINES + b"Disallow: /*a*a*a*a*a*$\n" * 20_000
    ),
    "endless calendar": _answers("site", "/", _links),
    "pages that cost 20 s to parse": _answers("feed", "/feed", _hogs),
    "900 pages of 5 MB": _answers("feed", "/feed", _floods),
    "pages at the hosts of the others": _answers("feed", "/feed", _at_others),
    "asks to wait": _answers("site", "/", _waits),
}


def ordinary(site: Site) -> None:
    """Publish a feed and its pages at each ordinary host."""
    for host in ORDINARY:
        paths = [f"/{number}" for number in range(PAGES)]
        for path in paths:
            site.page(path, story(f"Bridge {host}{path} closed", f"bridge {host}{path}"), host=host)
        site.page("/feed", feed(site, *paths).replace(MALICIOUS, host), host=host, media_type="text/xml")


def stored_after(folder: Path, malice: Malice | None) -> tuple[float, float, list[str]]:
    """Run `searchkit update` in the new folder with a malicious source first, or none, until the documents of all
    others are stored; then interrupt it.

    Return after how many seconds they were stored, how many the end took, and what is wrong.
    """
    folder.mkdir(parents=True)
    with Site(*HOSTS) as site:
        ordinary(site)
        tables = [("feed", site.url("/feed", host=host)) for host in ORDINARY]
        if malice is not None:
            kind, path = malice(site)
            tables.insert(0, (kind, site.url(path)))
        allowed = str(list(HOSTS)).replace("'", '"')
        rows = [
            _SOURCE.format(name=f"source-{number}", kind=kind, location=location, hosts=allowed)
            for number, (kind, location) in enumerate(tables)
        ]
        (folder / "searchkit.toml").write_text('contact = "desk@ledger.example"\n' + "".join(rows))
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "searchkit", "update"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            # A job in the background of a shell ignores interrupts, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - it takes no lock
        )
        while _stored(folder) < PAGES * len(ORDINARY) and process.poll() is None:
            if time.monotonic() - began > _TIMEOUT_SECONDS:
                break
            time.sleep(0.1)
        stored = time.monotonic() - began
        is_missing = _stored(folder) < PAGES * len(ORDINARY)
        process.send_signal(signal.SIGINT)
        interrupted = time.monotonic()
        try:
            _, said = process.communicate(timeout=END_SECONDS * 4)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
        ended = time.monotonic() - interrupted
    wrong = ["documents of the others are missing"] if is_missing else []
    wrong += ["does not end"] if process.returncode not in {0, 4, 130} else []
    wrong += [f"ends with {process.returncode}: {said[-300:]!r}"] if "Traceback" in said or wrong else []
    return stored, ended, wrong


def _stored(folder: Path) -> int:
    """Return how many documents of the ordinary sources are committed."""
    try:
        with closing(open_read_only(folder / "index" / "store.sqlite")) as connection:
            return int(
                connection.execute(
                    "SELECT count(*) FROM resources WHERE document <> '' AND uri NOT LIKE ?", (f"%{MALICIOUS}%",)
                ).fetchone()[0]
            )
    except (sqlite3.Error, SearchkitError):  # not there yet
        return 0
