"""SRT and VTT: what is said in a recording. The time of each caption is kept, so that a statement is cited with it."""

import html
import re
from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from searchkit.errors import InputError
from searchkit.parse.base import Draft
from searchkit.parse.encoding import decode_lines
from searchkit.statements.document import Resource

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,]\d{1,3}"  # Teams writes 0:0:7.5
_TIMES = re.compile(rf"\s{{0,8}}{_CLOCK}\s{{0,4}}--?>\s{{0,4}}{_CLOCK}(?:\s.{{0,200}})?")
_VOICE = re.compile(r"<v(?:\.[^\s>]{0,40})?\s{1,4}([^>]{1,100})>")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]{0,200}>|\{\\[^{}]{0,40}\}")
# Captions for the hard of hearing mark another speaker like this.
_NEW_SPEAKER = re.compile(r"(?:>>|[-–—])\s{0,4}")
_PAUSE = 4  # seconds
_LONG = 1_000  # a paragraph ends with the next sentence
_SENTENCE_END = (".", "!", "?", "…", '."', ".”", "。")
_MAX_CAPTIONS = 100_000


class _Caption(Struct, frozen=True):
    """A caption: when it begins and ends in seconds, its words, and whether another speaker begins."""

    start: int
    end: int
    words: str
    is_other: bool


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a file of subtitles. Raises InputError if it has no captions."""
    del today
    lines, notes = decode_lines(resource.body, resource.charset)
    text = ""
    parts: list[str] = []
    pages: list[int] = []
    times: list[int] = []
    size, length, before = 0, 0, None
    for caption in _captions(lines):
        if len(pages) == _MAX_CAPTIONS:
            notes = (*notes, f"truncated: only the first {_MAX_CAPTIONS:,} captions are read")
            break
        if before is not None:
            is_full = length > _LONG and text.endswith(_SENTENCE_END)
            is_new = caption.is_other or caption.start - before.end >= _PAUSE or is_full
            parts.append("\n\n" if is_new else " ")
            size += len(parts[-1])
            length = 0 if is_new else length
        text, before = caption.words, caption
        pages.append(size)
        times.append(caption.start)
        parts.append(text)
        size += len(text)
        length += len(text)
    if not pages:
        raise InputError("subtitles without text")
    return Draft(text="".join(parts), pages=tuple(pages), times=tuple(times), notes=notes)


def _captions(lines: list[str]) -> Iterator[_Caption]:
    """Yield the captions with words, in order."""
    times: tuple[int, int] | None = None
    words: list[str] = []
    last = ""  # automatic captions repeat the line above
    voice = ""
    for line in [*_separated(lines), ""]:
        found = _TIMES.fullmatch(line)
        if found is not None:
            times, words = (_seconds(*found.group(1, 2, 3)), _seconds(*found.group(4, 5, 6))), []
        elif times is not None and line.strip():
            words.append(line.strip())
        elif times is not None:
            bare = [_TAG.sub("", line) for line in words]
            said = " ".join(line for line, plain in zip(words, bare, strict=True) if plain != last)
            last = bare[-1] if bare else last
            voices = _VOICE.findall(said)
            other = _NEW_SPEAKER.match(said)
            is_other = bool(other) or bool(voices and voices[0] != voice)
            said = html.unescape(_TAG.sub("", said[other.end() if other else 0 :])).strip()
            if voices and voices[0] != voice:
                said = f"{html.unescape(voices[0]).strip()}: {said}"
            voice = voices[-1] if voices else "" if is_other else voice
            if said:
                yield _Caption(*times, " ".join(said.split()), is_other)
            times = None


def _separated(lines: list[str]) -> Iterator[str]:
    """Yield the lines with a blank line before each caption; some programs write none."""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _TIMES.fullmatch(line) or (line.strip().isdecimal() and _TIMES.fullmatch(following)):
            yield ""
        yield line


def _seconds(hours: str | None, minutes: str, seconds: str) -> int:
    return int(hours or 0) * 3_600 + int(minutes) * 60 + int(seconds)
