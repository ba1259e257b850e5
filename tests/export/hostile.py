"""An article in which everything is hostile."""

from typing import Any

from searchkit.archive import Archive
from tests.archive.taken import take

SCRIPT = "</mark></title></style><script>alert(1)</script><img src=x onerror=alert(1)>"
MARKUP = '"><b onclick=x()>*bold* [a](javascript:alert(1)) `code` ![i](http://evil.example/i.png) | # &lt;'


def take_hostile(archive: Archive) -> None:
    """Take it in, twice: with an address that is none, and with one that tries to end its attribute."""
    text = (
        f"“We counted the crates {SCRIPT} twice,” said Nadia Korbel.\n\n"
        "“We *bold* [a](javascript:alert(1)) `code` | # &lt; counted the crates,” said Nadia Korbel.\n\n"
        f"Nadia Korbel, a {SCRIPT} dock worker, said that the gate had been open all night."
    )
    fields: dict[str, Any] = {
        "title": f"{SCRIPT}\n# {MARKUP}",
        "outlet": f"L {SCRIPT} {MARKUP}",
        "byline": f"{SCRIPT} {MARKUP}",
    }
    take(archive, text, uri="javascript:alert(1)//", **fields)
    take(archive, f"{text} Again.", uri='https://ledger.example/"><script>alert(2)</script>)>', **fields)
