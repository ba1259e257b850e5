"""Words that only documents which leave have: by one of them a note, a saved search or the name of a file tells of one.

takes:    the texts of what leaves; bytes of what stays, and of what is searched
gives:    words that nothing which stays has, nor searchkit itself; which of them stand in bytes, whatever their case
does not: look for parts of words: a run of letters and digits that has a word within is another one
traps:    the index knows words by their stems, and files of its own and of the store hold values side by side: what is
          sought there are addresses, ids, titles and stretches (traces.py)
"""

import html
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote_to_bytes

import searchkit

# Shorter ones are names of months and parts of anything.
SHORTEST_WORD = 5
# The longest a piece of a file may have to be read again with the next, in bytes.
LONGEST_WORD = 240
# Of one document so many are sought; a long article has some hundred that no other one has.
_MOST = 3_000
# So many are sooner looked for one by one than among all words of what most often has none.
_FEW = 24
_WORD = re.compile(r"\w{5,60}")
# ASCII letters small; digits and whatever is not ASCII as they are; any other sign parts words.
_SIGNS = bytes(
    sign | 32 if 65 <= sign <= 90 else sign if sign > 127 or chr(sign).isalnum() else 32 for sign in range(256)
)
# Signs beyond ASCII that part words: quotation marks, dashes, blanks; and what stands at the start of a file.
_BETWEEN = re.compile(rb"\xe2\x80[\x80-\xbf]|\xc2[\xa0-\xbf]|\xe3\x80[\x80-\xbf]|\xef\xbb\xbf|\xff\xfe|\xfe\xff")
_ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})")
_OWN_FILES = {".py", ".txt", ".json", ".toml"}


def words_of(texts: Iterable[str]) -> list[str]:
    """The words by which these texts of one document may be known, small, the longest first."""
    found = {word for text in texts for word in _WORD.findall(text.lower()) if word.isalpha()}
    return sorted(found, key=lambda word: (-len(word), word))


class OwnWords:
    """Words, each of a document that leaves, made ready to be sought all at once."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        """`documents` are those that leave, by word."""
        self._documents = dict(documents)
        self._forms = {form: word for word in self._documents for form in _written_forms(word)}
        self._has_accents = any(not word.isascii() for word in self._documents)

    def by_word(self) -> dict[str, str]:
        """The document of each word, at most so many words of each as are worth to be sought."""
        kept: dict[str, int] = {}
        found = {}
        for word, document in self._documents.items():
            kept[document] = kept.get(document, 0) + 1
            if kept[document] <= _MOST:
                found[word] = document
        return found

    def document(self, word: str) -> str:
        """The document that has a word."""
        return self._documents[word]

    def drop(self, content: bytes) -> None:
        """Let go of the words that stand in `content`, which stays."""
        for word in self.within(content):
            del self._documents[word]
            for form in _written_forms(word):
                self._forms.pop(form, None)

    def drop_shipped(self) -> None:
        """Let go of what searchkit says itself: keys of its files, names in its lists."""
        for form in _shipped().intersection(self._forms):
            self._documents.pop(self._forms.pop(form), None)

    def within(self, content: bytes) -> set[str]:
        """The words that stand in these bytes, in UTF-8 or, without accents, UTF-16; escaped as in JSON, HTML or
        addresses."""
        if not self._forms:
            return set()
        if not content.isascii():
            content = _BETWEEN.sub(b" ", content)
        found = self._standing(content.translate(_SIGNS))
        if b"\0" in content:
            found |= self._standing(content.translate(_SIGNS, b"\0"))
        if self._has_accents and (b"\\u" in content or b"%" in content or b"&" in content):
            found |= self._standing(_unescaped(content).translate(_SIGNS))
        return found

    def _standing(self, content: bytes) -> set[str]:
        if len(self._forms) <= _FEW and not any(form in content for form in self._forms):
            return set()
        return {self._forms[form] for form in self._forms.keys() & content.split()}


def _written_forms(word: str) -> set[bytes]:
    """As it stands in a file, ASCII letters small."""
    return {form.encode("utf-8", "replace").translate(_SIGNS) for form in (word, word.upper(), word.capitalize())}


def _unescaped(content: bytes) -> bytes:
    """Bytes with what is escaped in them as the signs that are meant."""
    content = _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)).encode("utf-8", "replace"), content)
    return html.unescape(unquote_to_bytes(content).decode("utf-8", "replace")).encode("utf-8", "replace")


@cache
def _shipped() -> frozenset[bytes]:
    """The words of all files of the package."""
    files = [path for path in Path(searchkit.__file__).parent.rglob("*") if path.suffix in _OWN_FILES]
    return frozenset(word for path in files for word in path.read_bytes().translate(_SIGNS).split())
