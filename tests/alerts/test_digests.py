"""A digest in lines and as data."""

import json

from searchkit.alerts.digests import digest_lines
from searchkit.alerts.items import packed, unpacked
from tests.alerts.digest import digest, hostile, item


def test_headlines_come_first_and_groups_are_capped() -> None:
    made = digest(
        *(item(number, group="Korbel") for number in range(4)),
        item(5, group="Marek", section="new"),
        item(6, section="weak", group="Weak"),
        item(7, section="uncertain", group="Nobody", doubts=("the speaker is not resolved",)),
        item(8, section="old", group="Old"),
        per_group={"port": 2},
        notes=("alert bad failed: x",),
    )
    assert made.title() == "5 new, 3 more to review: port"
    text = "\n".join(digest_lines(made))
    places = [
        text.index(word) for word in ("Korbel\n", "... and 2 more", "Marek", "-- Low", "-- Old", "-- Matched by a weak")
    ]
    assert places == sorted(places)
    assert "note: alert bad failed: x" in text
    assert "not a headline, because: the speaker is not resolved" in text
    assert "run 7 (complete: searchkit alerts show 7)" in text
    assert "... and" not in "\n".join(digest_lines(made, complete=True))


def test_an_item_says_who_where_and_why() -> None:
    shown = item(1, copies=2, page=3, entries=("X (desk 1)",), wire="Atlas", kind="indirect", cue="was saying")
    text = "\n".join(digest_lines(digest(shown)))
    for part in (
        'Nadia Korbel (spokesperson) said: "We will close the [bridge],"',
        "about Velmar · said 2026-03-03 · indirect",
        "Bridge closed · The Velmar Ledger · via Atlas · 2026-03-03 · p. 3 · +2 duplicates",
        "watchlist: X (desk 1)",
        "why: bridge",
        "https://ledger.example/one",
    ):
        assert part in text


def test_no_hostile_text_reaches_a_line_as_it_is() -> None:
    for line in digest_lines(digest(hostile(), notes=("\x1b[2J",), about={"port": "\u202ex"})):
        assert "\n" not in line
        assert not {"\x1b", "\u202e", "\x00", "\ud800", "\r"} & set(line)


def test_items_survive_being_kept() -> None:
    for packable in (item(), hostile(), item(record="document", marks=())):
        assert unpacked(packed(packable)) == packable
        assert packed(packable).isascii()
    later = json.dumps({**json.loads(packed(item())), "added_by_a_later_version": 1})
    assert unpacked(later) == item()


def test_many_items_are_bounded_as_data() -> None:
    data = digest(*(item(number) for number in range(600))).record()
    assert (len(data.items), data.more, data.total) == (500, 100, 600)
    assert data.title == "600 new: port"
