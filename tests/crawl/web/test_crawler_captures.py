"""Which captures stay: what documents and revisions were made of, and what came last; not every feed of every hour."""

from pathlib import Path

import pytest

from searchkit.crawl.base import Source
from searchkit.crawl.web.captures import Captures
from searchkit.statements.document import Resource
from tests.crawl.web.ledger import Visitor, fetches, source, story
from tests.crawl.web.site import Site


def kept(folder: Path) -> set[str]:
    """The digests of all captures."""
    return {path.stem for path in (folder / "captures").glob("*/*.gz")}


def history(folder: Path, url: str) -> list[str]:
    """The digests in the history of a page."""
    return [digest for digest, _ in fetches(folder, url)]


def seen(visitor: Visitor, one: Source, *, changed: bool = True, same: bool = False, unread: str = "") -> list[str]:
    """The digests of what a visit an hour later gives, all of it settled so."""
    digests = []
    with visitor.later(hours=1).crawler() as crawler:
        for found in crawler.run(one):
            if isinstance(found, Resource):
                digests.append(found.digest)
                crawler.settle(found.uri, changed=changed, same=same, unread=unread)
    return digests


@pytest.mark.parametrize("how", [{"changed": False, "same": True}, {"changed": False, "unread": "is broken"}])
def test_captures_that_made_no_document_are_deleted(
    site: Site, visitor: Visitor, tmp_path: Path, how: dict[str, bool | str]
) -> None:
    one = source("urls", site.url("/a.html"))
    site.page("/a.html", story("Cranes"))
    [first] = seen(visitor, one)
    digests = []
    for hour in range(4):
        site.page("/a.html", story("Cranes") + f"<!-- {hour} -->")
        digests += seen(visitor.later(hours=hour), one, **how)  # type: ignore[arg-type]  # as they are named
    assert len(digests) == 4
    assert kept(tmp_path) == {first, digests[-1]}
    assert history(tmp_path, site.url("/a.html")) == [first]
    # Back as it was: known by its capture, and still evidence.
    site.page("/a.html", story("Cranes"))
    assert seen(visitor.later(days=1), one, changed=False, same=True) == [first]
    site.page("/a.html", story("Ferries"))
    [last] = seen(visitor.later(days=1), one)
    assert kept(tmp_path) == {first, last}
    assert history(tmp_path, site.url("/a.html")) == [first, last]


def test_bytes_that_another_page_has_stay(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    one = source("urls", site.url("/a.html"), site.url("/b.html"))
    for path in ("/a.html", "/b.html"):
        site.page(path, story("Cranes"))
    shared = set(seen(visitor, one, changed=False, same=True))
    assert len(shared) == 1
    site.page("/a.html", story("Ferries"))
    [other] = seen(visitor, one)
    assert kept(tmp_path) == {*shared, other}
    site.page("/b.html", story("Docks"))
    [last] = seen(visitor, one)
    assert kept(tmp_path) == {other, last}


def test_captures_of_a_killed_run_are_kept_until_settled(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    one = source("urls", site.url("/a.html"))
    site.page("/a.html", story("Cranes"))
    [resource] = visitor.visit(one, settle=False)
    assert isinstance(resource, Resource)
    # The store may have had it, and says so: nothing has changed, and the bytes are known.
    assert seen(visitor, one, changed=False) == [resource.digest]
    site.page("/a.html", story("Ferries"))
    [other] = seen(visitor, one)
    assert kept(tmp_path) == {resource.digest, other}
    assert Captures(tmp_path / "captures").read(resource.digest, max_bytes=10**6) == resource.body
