"""What a sink is called in the file of an alert: `stdout`, `atom:FILE`, `mbox:FILE`, `sendmail:ADDRESS` or
`webhook:URL`."""

import re
from typing import Literal, get_args
from urllib.parse import urlsplit

from msgspec import Struct

SinkKind = Literal["stdout", "atom", "mbox", "sendmail", "webhook"]
KINDS: tuple[str, ...] = get_args(SinkKind)
FORMS = "stdout, atom:FILE, mbox:FILE, sendmail:ADDRESS, webhook:https://..."
# It becomes an argument of a program and the To of a mail: one plain address, without a name, never an option.
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9][\w.+%=-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}", re.ASCII)
_LOCAL_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# File names are longer nowhere.
_LONGEST = 2_000


class SinkAddress(Struct, frozen=True, kw_only=True):
    """A sink by its kind and what stands behind the colon (empty for none)."""

    kind: SinkKind
    target: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.target}" if self.target else self.kind

    @property
    def shown(self) -> str:
        """As it may be printed and logged: of a web address the host alone, for the rest of it is mostly a secret."""
        if self.kind != "webhook":
            return str(self)
        parts = urlsplit(self.target)
        return f"webhook:{parts.scheme}://{parts.hostname}/..."

    @property
    def key(self) -> str:
        """As it is remembered: as shown, and told apart from others that are shown alike."""
        if self.kind != "webhook":
            return str(self)
        import hashlib  # loads OpenSSL, which a query that names a saved search has no use for

        return f"{self.shown}#{hashlib.sha256(self.target.encode()).hexdigest()[:8]}"


def sink_address(written: str) -> SinkAddress:
    """The sink that is written so. ValueError with one line of what is wrong, made to follow a colon."""
    kind, colon, target = written.strip().partition(":")
    target = target.strip()
    if kind not in KINDS:
        raise ValueError(f"there is no such sink; write one of {FORMS}")
    if _CONTROL.search(target) or len(target) > _LONGEST:
        raise ValueError("it holds control characters or is too long")
    if kind == "stdout" and colon:
        raise ValueError("write stdout alone")
    if kind in {"atom", "mbox"} and not target:
        raise ValueError(f"write the name of a file: {kind}:FILE")
    if kind == "sendmail":
        if colon and not target:
            raise ValueError("write sendmail alone, or sendmail:ADDRESS")
        if target and not is_mail_address(target):
            raise ValueError("write one plain mail address: sendmail:you@your-desk.example")
    if kind == "webhook":
        _check_web_address(target)
    return SinkAddress(kind=kind, target=target)  # type: ignore[arg-type]  # one of KINDS, the members of the type


def is_mail_address(text: str) -> bool:
    """Whether mail may be sent there: `desk@ledger.example`, or the name of a user of this machine."""
    return bool(_MAIL_ADDRESS.fullmatch(text) or _LOCAL_USER.fullmatch(text))


def _check_web_address(target: str) -> None:
    # Read strictly when something is posted (crawl/web/addresses.py), which a query has no use for.
    try:
        parts = urlsplit(target)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it is not http or https; write webhook:https://...")
    if "@" in parts.netloc:
        raise ValueError("it has a user name in it, which is not sent")
