"""Traces: what a document would be known by if anything of it were left, and every form in which files may hold that.

takes:    addresses, ids, titles, stretches of text
gives:    which of them stand in bytes: as UTF-8 or UTF-16, in any case of ASCII letters, escaped as in JSON, HTML or
          addresses
does not: open files (searching.py does), know words that were stemmed
traps:    what is shorter than SHORTEST bytes is not sought: it says nothing. In a database values stand side by side
          without anything between, so nothing can be asked of the signs around a trace there
"""

import html
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias, get_args
from urllib.parse import quote

from msgspec import Struct

from searchkit.index.analysis import exact_key
from searchkit.text import redacted

TraceKind = Literal["address", "id", "title", "words", "word"]
KINDS: tuple[TraceKind, ...] = get_args(TraceKind)
# Windows of eight bytes at every fourth place: whatever has eleven bytes holds one of them, wherever it stands. So a
# file is read in steps that Python makes quickly, and all traces are sought at once.
_WINDOW, _STEP = 8, 4
_SLICE = 2_048  # windows: in a larger slice there are more to be looked for, and more to look through
SHORTEST = _WINDOW + _STEP - 1
# A stretch of text is so long, a title or address is cut there.
_LONGEST = 300
_STRETCHES = 12
# Words and blanks, no other sign: those are written otherwise in a page than in what was read of it.
_STRETCH = re.compile(r"[^\W\d_]{2,30}(?: [^\W\d_]{1,30}){3,7}")
# What an address goes on with, where it is part of a longer one.
_GOES_ON = frozenset(b"/%=&~?_-")
_LETTERS = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyz")
_REST = re.compile(rb"[0-9a-z/%=&~?_.#+:;,@-]{1,300}")


class Trace(Struct, frozen=True, kw_only=True):
    """One thing that names a document, and the document's id. `words` are several in a row, a `word` stands alone
    (own_words.py)."""

    kind: TraceKind
    document: str
    text: str


def stretches(text: str) -> list[str]:
    """Some stretches from all over a text, each of a few words."""
    found = [match.group() for match in _STRETCH.finditer(text)]
    found = [one for one in found if len(one.encode()) >= 2 * SHORTEST]
    if not found:  # a script without blanks
        lines = [line.strip()[:40] for line in text.splitlines()]
        found = [line for line in lines if len(line.encode("utf-8", "replace")) >= 2 * SHORTEST]
    step = max(1, len(found) // _STRETCHES)
    return found[::step][:_STRETCHES]


def written_forms(trace: Trace) -> set[bytes]:
    """The bytes by which a trace is known, ASCII letters small."""
    text = trace.text[:_LONGEST]
    in_json = json.dumps(text)[1:-1]
    forms = {text, in_json, in_json.replace("/", "\\/"), json.dumps(text, ensure_ascii=False)[1:-1]}
    if trace.kind == "address":
        forms.add(redacted(text))  # as logs have it
        forms |= {quote(text, safe="%:/?#[]@!$&'()*+,;=~", errors="replace"), quote(text, safe="", errors="replace")}
    if trace.kind != "id":
        forms |= {html.escape(text), html.escape(text, quote=False), exact_key(text)}
    encoded = {form.encode("utf-8", "backslashreplace") for form in forms}
    encoded |= {form.encode("utf-8", "surrogatepass") for form in forms}
    for form in (text, exact_key(text)):
        encoded |= {form.encode("utf-16-le", "surrogatepass"), form.encode("utf-16-be", "surrogatepass")}
    return {form.lower() for form in encoded if len(form) >= SHORTEST}


_Forms: TypeAlias = dict[tuple[int, int], dict[bytes, list[int]]]
"""What one window may be part of: by its place in a form and the length of that, numbers of traces by their bytes."""


class Sought:
    """Traces made ready to be sought, all at once."""

    def __init__(self, traces: Iterable[Trace], longer: Iterable[str] = ()) -> None:
        """Traces that are too short are left out. `longer` are addresses that begin as one that is sought does."""
        kept: list[Trace] = []
        written: dict[bytes, list[int]] = defaultdict(list)
        for trace in dict.fromkeys(traces):
            forms = written_forms(trace)
            for form in forms:
                written[form].append(len(kept))
            kept += [trace] if forms else []
        self.traces = tuple(kept)
        self.longest = max(map(len, written), default=0)
        self._windows = _chosen_windows(written)
        self._keys = frozenset(self._windows)
        self._longer: dict[int, set[bytes]] = defaultdict(set)
        self.learn(longer)

    def learn(self, addresses: Iterable[str]) -> None:
        """Learn which addresses begin as one that is sought does, and are others."""
        self.within("\n".join(addresses).encode("utf-8", "backslashreplace"))

    @property
    def longer(self) -> tuple[str, ...]:
        """The addresses that were learned, as far as they begin as one that is sought does."""
        return tuple(sorted({one.decode("utf-8", "replace") for known in self._longer.values() for one in known}))

    def within(self, content: bytes, *, glued: bool = False) -> set[int]:
        """Which traces stand in these bytes, by number. `glued` bytes may hold values with nothing between them; what
        is not teaches which longer addresses there are."""
        if not self._keys:
            return set()
        content = content.lower()
        found: set[int] = set()
        for place, window in self._seen(content):
            found.update(self._standing(content, place, self._windows[window], glued=glued))
        return found

    def _seen(self, content: bytes) -> Iterator[tuple[int, int]]:
        """The windows of forms that stand at every fourth place, each with its place."""
        view, size = memoryview(content), len(content)
        for start in (0, _STEP):
            numbers = view[start : start + max(0, size - start) // _WINDOW * _WINDOW].cast("Q")
            for first in range(0, len(numbers), _SLICE):
                # Which of them is in a slice is told at once, and only then where: few slices hold any.
                for window in self._keys.intersection(numbers[first : first + _SLICE]):
                    sign = window.to_bytes(_WINDOW, sys.byteorder)
                    end = start + (first + _SLICE) * _WINDOW
                    place = content.find(sign, start + first * _WINDOW, end)
                    while place >= 0:
                        if (place - start) % _WINDOW == 0:
                            yield place, window
                        place = content.find(sign, place + 1, end)

    def _standing(self, content: bytes, place: int, forms: "_Forms", *, glued: bool) -> Iterator[int]:
        """The traces that stand around a window in `content`."""
        for (offset, length), by_bytes in forms.items():
            start = place - offset
            for number in by_bytes.get(content[start : start + length], ()) if start >= 0 else ():
                if self.traces[number].kind != "address" or not self._goes_on(
                    number, content, start, length, glued=glued
                ):
                    yield number

    def _goes_on(self, number: int, content: bytes, place: int, length: int, *, glued: bool) -> bool:
        """Whether a longer address stands there."""
        end = place + length
        after = content[end : end + 1]
        if not after or not (after[0] in _GOES_ON or after[0] in _LETTERS):
            return False
        if after[0] in _LETTERS and glued:
            return any(content.startswith(longer, place) for longer in self._longer[number])
        rest = _REST.match(content, end)
        if rest is not None:
            self._longer[number].add(content[place:end] + rest.group())
        return True


def _chosen_windows(written: Mapping[bytes, list[int]]) -> dict[int, _Forms]:
    """For each form four windows in a row, where the fewest others have them: addresses begin and end alike."""
    every = {form: _windows_of(form) for form in written}
    usual = Counter(window for own in every.values() for window in own)
    chosen: dict[int, _Forms] = defaultdict(dict)
    for form, own in every.items():
        counts = list(map(usual.__getitem__, own))
        worst = list(map(max, *(counts[at : len(counts) - _STEP + 1 + at] for at in range(_STEP))))
        start = worst.index(min(worst))
        for offset in range(start, start + _STEP):
            chosen[own[offset]].setdefault((offset, len(form)), {})[form] = written[form]
    return dict(chosen)


def _windows_of(written: bytes) -> list[int]:
    """All windows of a form, as the numbers that this machine reads in their place."""
    return [
        int.from_bytes(written[start : start + _WINDOW], sys.byteorder) for start in range(len(written) - _WINDOW + 1)
    ]


def of_document(
    document: str, *, addresses: Iterable[str], titles: Iterable[str], texts: Iterable[str]
) -> Iterator[Trace]:
    """All traces of one document; `texts` are those of all its revisions."""
    yield Trace(kind="id", document=document, text=document)
    for address in addresses:
        yield Trace(kind="address", document=document, text=address)
    for title in titles:
        yield Trace(kind="title", document=document, text=title)
    for text in texts:
        for stretch in stretches(text):
            yield Trace(kind="words", document=document, text=stretch)
