"""Web addresses: read strictly, written in one form."""


def canonical(address: str, *, base: str = "") -> str:
    """The one form of a web address (joined to `base` when that is given). ValueError with one line of why not."""
    raise NotImplementedError


def same_site(one: str, other: str) -> bool:
    """Whether two web addresses belong to one site: one host, or one below the other; `www.` does not count."""
    raise NotImplementedError


def trap(address: str) -> str:
    """Why an address looks like one of endlessly many that a site makes up; empty when it does not."""
    raise NotImplementedError
