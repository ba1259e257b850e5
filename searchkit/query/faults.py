"""A fault in one part of a query, before its place in the whole is known."""


class Fault(Exception):
    """Why a part cannot be read. `start` and `end` count from the part's own beginning; the parser moves them."""

    def __init__(self, code: str, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint
