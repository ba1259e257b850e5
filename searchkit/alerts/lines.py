"""A digest in plain lines, for a terminal, a mail and whoever shows text. Every text in it is safe to print."""

from collections.abc import Iterator

from searchkit.alerts.digests import SECTIONS, Digest
from searchkit.alerts.items import Item
from searchkit.text import one_line


def lines(digest: Digest, *, whole: bool = False) -> Iterator[str]:
    """The digest, line by line; every item of it when `whole`."""
    when = digest.at[:16].replace("T", " ")
    yield one_line(f"{digest.title()}")
    yield f"searchkit alerts, {when} UTC" + (
        f", run {digest.run} (all of it: searchkit alerts show {digest.run})" if digest.run else ""
    )
    for note in digest.notes:
        yield f"note: {one_line(note)}"
    for part in digest.parts(whole=whole):
        yield ""
        others = f", {part.others:,} more to look at" if part.others else ""
        yield f"== {one_line(part.name)}: {part.headlines:,} new{others}"
        if part.note:
            yield f"   {one_line(part.note)}"
        for section, groups in part.sections:
            if SECTIONS[section]:
                yield ""
                yield f"-- {SECTIONS[section]}"
            for group in groups:
                if group.title:
                    yield ""
                    yield f"{one_line(group.title)}"
                for item in group.items:
                    yield from item_lines(item)
                if group.more:
                    yield f"  ... and {group.more:,} more"


def item_lines(item: Item) -> Iterator[str]:
    """One item: its words with the matches in [ ], who, where it is written, and why it is told."""
    yield ""
    if item.record == "document":
        yield f"  {one_line(item.title or '(no title)')}"
    if item.text:
        yield f"  {one_line(_marked(item))}"
    who = _who(item) if item.record == "quote" else ""
    said = [
        who,
        item.verb,
        f"about {', '.join(item.about)}" if item.about else "",
        item.said and f"said {item.said}",
        item.kind if item.kind != "direct" else "",
    ]
    if item.record == "quote":
        yield f"    {_joined(said)}"
    place = [
        item.title if item.record == "quote" else "",
        item.outlet,
        item.wire and f"via {item.wire}",
        item.published,
        f"p. {item.page}" if item.page else "",
        f"+{item.copies:,} {'copy' if item.copies == 1 else 'copies'}" if item.copies else "",
    ]
    yield f"    {_joined(place)}"
    if item.change == "reworded":
        yield "    reworded: it was found before in other words"
    if item.entries:
        yield f"    watchlist, by name only: {one_line('; '.join(item.entries[:5]))}"
    if item.why:
        yield f"    why: {one_line(', '.join(item.why[:10]))}"
    if item.doubts:
        yield f"    but: {one_line('; '.join(item.doubts))}"
    yield f"    {one_line(item.address)}"
    yield f"    id {one_line(item.id)}"


def _who(item: Item) -> str:
    about = ", ".join(part for part in (item.role, item.affiliation) if part)
    who = item.speaker or "speaker unknown"
    return f"{who} ({about})" if about else who


def _joined(parts: list[str]) -> str:
    return " · ".join(one_line(part) for part in parts if part)


def _marked(item: Item) -> str:
    """The words of an item with its matches in square brackets."""
    pieces, place = [], 0
    for start, end in item.marks:
        pieces += [item.text[place:start], "[", item.text[start:end], "]"]
        place = end
    return "".join([*pieces, item.text[place:]])
