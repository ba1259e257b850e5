"""What a host's robots.txt says to us (RFC 9309)."""

import re
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from searchkit.crawl.web.politeness import LONGEST_WAIT, PRODUCT
from searchkit.crawl.web.responses import FetchFailed, Response

if TYPE_CHECKING:
    from protego import Protego

# RFC 9309, 2.5 and 2.4: at least this much is read, and it is used for a day at most.
MAX_BYTES = 500 * 1024
_GOOD_FOR = timedelta(hours=24)
# A host that cannot say what it allows is asked again by the next run of an hourly crawl.
_UNREACHABLE_FOR = timedelta(minutes=30)
# Clocks are set by some seconds all the time.
_CLOCKS_DIFFER = timedelta(minutes=1)

_AGENT = re.compile(r"[ \t\ufeff]{0,20}user[- ]?agent[ \t]{0,20}[: \t][ \t]{0,20}([^#\r\n]{0,200})", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z_-]{1,100}", re.IGNORECASE)
_NOBODY = "User-agent: other"  # stands for every robot that is neither us nor `*`
_UNREACHABLE = "# not reachable: "
_FORBIDDING = "\nUser-agent: *\nDisallow: /\n"


class Robots(Struct, frozen=True, kw_only=True, dict=True):
    """The rules of one host for us. `text` and `fetched_at` are all there is to keep of them.

    `text` is robots.txt, cut at 500 KiB; empty when there is none, which allows everything. When it could not be had,
    a text stands in its place that forbids everything and says why in its first line.
    """

    text: str
    fetched_at: datetime

    @cached_property
    def _rules(self) -> "Protego":
        from protego import Protego

        return Protego.parse(_for_us(self.text))

    @classmethod
    def of(cls, answer: Response | FetchFailed, fetched_at: datetime) -> Self:
        """The rules in an answer to the request for robots.txt, or in its failure.

        A host that answers 4xx has no rules. One that asks for patience (429), fails (5xx), or does not answer allows
        nothing for now. Endless redirects count as no rules (RFC 9309, 2.3.1.2).
        """
        if isinstance(answer, FetchFailed):
            if 300 <= answer.status < 500 and answer.status != 429:
                return cls(text="", fetched_at=fetched_at)
            return cls(text=f"{_UNREACHABLE}{' '.join(answer.reason.split())}{_FORBIDDING}", fetched_at=fetched_at)
        body = answer.body
        if len(body) > MAX_BYTES:
            body = body[: body.rfind(b"\n", 0, MAX_BYTES) + 1]  # half a rule can forbid more than the whole one
        return cls(text=body.decode("utf-8", "replace"), fetched_at=fetched_at)

    @classmethod
    def stored(cls, text: str, fetched_at: datetime) -> Self:
        """The rules as kept from another run."""
        return cls(text=text, fetched_at=fetched_at)

    @property
    def unreachable(self) -> str:
        """Why robots.txt could not be had, in one line; empty when it could."""
        first = self.text.partition("\n")[0]
        return first.removeprefix(_UNREACHABLE) if first.startswith(_UNREACHABLE) else ""

    def allows(self, url: str) -> bool:
        """Whether we may ask for `url`, an address of this host in its canonical form."""
        return bool(self._rules.can_fetch(url, PRODUCT))

    @property
    def delay(self) -> float | None:
        """Seconds between two requests that the host asks for (crawl-delay, request-rate), a day at most; or None."""
        delay = self._rules.crawl_delay(PRODUCT)
        rate = self._rules.request_rate(PRODUCT)
        asked = [one for one in (delay, rate and rate.seconds / rate.requests) if one is not None]
        return min(max(asked), LONGEST_WAIT.total_seconds()) if asked else None

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps named, as written there: whole addresses, mostly."""
        return tuple(dict.fromkeys(self._rules.sitemaps))

    def stale(self, now: datetime) -> bool:
        """Whether robots.txt must be asked for again before anything else is; also when a clock that has been set back
        since says that it was fetched in time to come."""
        age = now - self.fetched_at
        return age < -_CLOCKS_DIFFER or age >= (_UNREACHABLE_FOR if self.unreachable else _GOOD_FOR)


def _for_us(text: str) -> str:
    """`text` with every other robot under one name, which changes nothing for us.

    protego keeps each rule once for each robot of its group. In 500 KiB there is room for rules and robots that
    together make hundreds of millions. It also takes the beginning of a name for the name: only a whole one is us.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines):
        found = _AGENT.match(line)
        if found is None:
            continue
        name = found[1].strip()
        token = _TOKEN.match(name)
        if name == "*":
            lines[number] = "User-agent: *"
        elif token is not None and token[0].lower() == PRODUCT:
            lines[number] = f"User-agent: {PRODUCT}"
        else:
            lines[number] = _NOBODY
    return "\n".join(lines)
