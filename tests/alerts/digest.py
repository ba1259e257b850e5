"""A digest for the tests of sinks: what a person said, and what an attacker would have them say."""

from typing import Any

from searchkit.alerts.digests import Digest
from searchkit.alerts.items import Item

AT = "2026-03-04T05:00:00+00:00"
HOSTILE = "<script>alert(1)</script> \x1b[31m]]> &amp; \u202eevil\x00\n\nFrom root\n.\n=HYPERLINK(1) \ufffe \ud800"


def item(number: int = 1, **changes: Any) -> Item:
    """A statement; its id ends in `number`."""
    fields: dict[str, Any] = {
        "alert": "port",
        "record": "quote",
        "id": f"abcdefabcdef-0000000{number}",
        "document": "abcdefabcdef",
        "section": "new",
        "group": "Nadia Korbel",
        "lead": "Nadia Korbel (spokesperson) said:",
        "text": '"We will close the bridge,"',
        "marks": ((19, 25),),
        "speaker": "Nadia Korbel",
        "role": "spokesperson",
        "verb": "say",
        "about": ("Velmar",),
        "said": "2026-03-03",
        "title": "Bridge closed",
        "outlet": "The Velmar Ledger",
        "published": "2026-03-03",
        "address": "https://ledger.example/one",
        "why": ("bridge",),
        "told_at": AT,
    }
    return Item(**(fields | changes))


def hostile(number: int = 9) -> Item:
    """An item all of whose texts are hostile."""
    return item(
        number,
        lead=HOSTILE,
        text=HOSTILE,
        marks=((0, 8),),
        speaker=HOSTILE,
        role=HOSTILE,
        group=HOSTILE,
        title=HOSTILE,
        outlet=HOSTILE,
        about=(HOSTILE,),
        why=(HOSTILE,),
        entries=(HOSTILE,),
        address="javascript:alert(1)",
    )


def digest(*items: Item, **changes: Any) -> Digest:
    """A digest of one run."""
    fields: dict[str, Any] = {
        "message": "0123456789abcdef0123456789abcdef",
        "run": 7,
        "at": AT,
        "items": items or (item(),),
        "per_group": {"port": 10},
        "about": {"port": "For the morning."},
    }
    return Digest(**(fields | changes))
