"""What stands for a value: the number it is counted by, and the terms by which it is found and told.

takes:    values of names and keywords; terms
gives:    numbers, terms; of a number the names behind it
does not: count
traps:    all terms of a row are given to tantivy as one text that it parts at white space, so none has any; those of
          removed rows stay for a while. Two values have one number where 64 bits of a hash are the same

    AAAkey                rows with a keyword of this key; the sign repeated stands for the field, so often that no two
                          edits make one field of another
    =AAA<number>value     rows with this id and name; the number of a key leads to all of these
    value:AAAvalue        the same in fields that nobody counts by, whose values have no number
    ~AAA<number><number>  the key of a name, and that of the id it stands beside, where they differ
    <AAA<number>spelling  rows with an id and one spelling of its name that is not the name itself, by its words
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from searchkit.index.analysis import name_words
from searchkit.index.facets import Label, label
from searchkit.query.fields import FIELDS

# tantivy leaves out terms from 65,530 bytes on; of a longer value the end is replaced by its digest.
_LONGEST = 60_000
# Half of UTF-16's pairs stand alone in odd file names and no UTF-8 can hold them: as private signs of plane 16.
_LONE = {code: 0x10F000 + code - 0xD800 for code in range(0xD800, 0xE000)}
_BACK = {private: code for code, private in _LONE.items()}
_FIRST_PRIVATE = "\U0010f000"
# What tantivy parts texts at, and the sign that stands before their codes.
_PARTING = {ord(sign): f"%{ord(sign):02x}" for sign in "% \t\n\f\r"}
_DIGITS = 11  # of a number, each of six bits
_CODE = 3  # signs of the code of a field
_CODES = {one.name: chr(ord("A") + place) * _CODE for place, one in enumerate(FIELDS)}
_KEYED, _NAMED, _SPELLED, _UNCOUNTED = "=", "~", "<", "value:"
_BEFORE = len(_KEYED) + _CODE  # what stands before the first number of a term

_ANY = "\n"  # where the code of a field belongs: white space, which no term has

Listed = Callable[[str], Sequence[str]]
Alive = Callable[[str], bool]


def term(text: str) -> str:
    """A whole value as a term: any string, of any length."""
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        text = text.translate(_LONE)
    if len(text) * 4 > _LONGEST and len(encoded := text.encode()) > _LONGEST:
        from hashlib import sha256  # loads OpenSSL, which a query has no use for

        return encoded[:_LONGEST].decode(errors="ignore") + sha256(encoded).hexdigest()
    return text


def text_of(found: str) -> str:
    """The value that `term` took, if it was not too long."""
    return found.translate(_BACK) if found > _FIRST_PRIVATE or not found.isascii() else found


def whole(text: str) -> str:
    """A value as a term without white space."""
    is_whole = text.isprintable() and " " not in text and "%" not in text  # seen sooner than all signs are looked up
    return term(text if is_whole else text.translate(_PARTING))


def _unparted(found: str) -> str:
    found = text_of(found)
    if "%" in found:
        for sign, code in reversed(_PARTING.items()):
            found = found.replace(code, chr(sign))
    return found


def name_term(value_id: str, name: str) -> str:
    """Id and name in one term; the length of the id divides them, since both may hold any sign."""
    return whole(f"{len(value_id)}:{value_id}{name}")


def name_parts(found: str) -> tuple[str, str]:
    """Id and name (or spelling) of a term from `name_term`."""
    length, _, rest = _unparted(found).partition(":")
    return rest[: int(length)], rest[int(length) :]


@cache
def _hash() -> Any:
    from hashlib import blake2b  # loads OpenSSL, which most queries have no use for

    return blake2b


def number(text: str) -> int:
    """What stands for a text in a column."""
    return int.from_bytes(_hash()(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _written(one: int) -> str:
    return b2a_base64(one.to_bytes(8, "little"), newline=False)[:_DIGITS].decode("ascii")


def _number_at(found: str, place: int) -> int:
    return int.from_bytes(a2b_base64(f"{found[place : place + _DIGITS]}="), "little")


def code(name: str) -> str:
    """What stands before the words and keys of a field; no word and no key holds any such sign."""
    return _CODES[name]


@cache
def _marked(mark: str, name: str) -> str:
    return f"{mark}{_CODES[name]}"


def key_term(name: str, key: str) -> str:
    """The term of rows with a keyword under `key`."""
    return term(f"{_CODES[name]}{key}".replace(" ", "\x1f"))  # of all white space a key has only this


def value_term(key: int, value_id: str, shown: str) -> str:
    """The term of rows with this id and name, as `in_field` takes it."""
    return f"{_KEYED}{_ANY}{_written(key)}{name_term(value_id, shown)}"


def uncounted_term(name: str, value: str) -> str:
    """The term of rows with this value, in a field that nobody counts by; without one, how all these begin."""
    return f"{_UNCOUNTED}{code(name)}{whole(value)}"


def uncounted_value(found: str) -> str:
    """The value of a term from `uncounted_term`."""
    return _unparted(found[len(_UNCOUNTED) + _CODE :])


def named_term(name_key: int, key: int) -> str:
    """The term that leads from a name to what is called so, as `in_field` takes it."""
    return f"{_NAMED}{_ANY}{_written(name_key)}{_written(key)}"


def spelled_term(spelled: int, packed: str) -> str:
    """The term that tells what a number in the column of spellings means, as `in_field` takes it; `packed` is from
    `name_term`."""
    return f"{_SPELLED}{_ANY}{_written(spelled)}{packed}"


def any_field(word: str) -> str:
    """A word of a name, as `in_field` takes it."""
    return _ANY + word


def in_field(name: str, terms: str) -> str:
    """Terms and words that are the same in any field, several in one text, as those of this one."""
    return terms.replace(_ANY, _CODES[name])


class Labels:
    """The values of one field, as the terms of an open index tell them. `listed` gives all terms with a beginning, and
    `alive` whether any row has a term."""

    # Of so many that are not known yet, all of the field are read: that takes as long as looking up some hundreds.
    _MANY = 2_000
    _REMEMBERED = 20_000  # names with their words, some 5 MB

    def __init__(self, name: str, listed: Listed, alive: Alive) -> None:
        self._name = name
        self._listed = listed
        self._alive = alive
        self._labels: dict[int, dict[str, Label]] = {}
        self._called: dict[str, set[int]] = {}
        self._spellings: dict[int, tuple[str, str, str]] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self._is_whole = False

    def of(self, keys: Collection[int]) -> dict[int, dict[str, Label]]:
        """For each key by its number that any row has: the labels that rows show it by, with their terms."""
        unknown = [key for key in keys if key not in self._labels]
        if len(unknown) > self._MANY:
            self.everything()
        else:
            for key in unknown:
                if terms := self._listed(_marked(_KEYED, self._name) + _written(key)):
                    self._labels[key] = self._read(terms)
        return {key: self._checked(key) for key in keys if key in self._labels}

    def equal(self, key: str) -> dict[str, Label]:
        """What has an id or a name with this key, by its terms."""
        found: dict[str, Label] = {}
        for own in self.of([number(key)]).values():
            found |= own
        for own in self.of(self.called(key)).values():
            found |= {told: one for told, one in own.items() if one.name_key == key}
        return found

    def everything(self) -> dict[int, dict[str, Label]]:
        """All labels of the field, those of removed rows among them, by the numbers of their keys."""
        if not self._is_whole:
            found: dict[int, list[str]] = {}
            for one in self._listed(_marked(_KEYED, self._name)):
                found.setdefault(_number_at(one, _BEFORE), []).append(one)
            for key, terms in found.items():
                if key not in self._labels:
                    self._labels[key] = self._read(terms)
            self._is_whole = True
        return self._labels

    def called(self, key: str) -> set[int]:
        """The keys, by their numbers, of what has a name with this key."""
        known = self._called.get(key)
        if known is None:
            prefix = _marked(_NAMED, self._name) + _written(number(key))
            known = {_number_at(one, _BEFORE + _DIGITS) for one in self._listed(prefix)}
            if known:
                self._called[key] = known
        return known

    def spellings(self, numbers: Iterable[int]) -> Iterator[tuple[str, str, str]]:
        """For each number of the column of spellings: its term, the id, and the words by which it is spelled."""
        for one in numbers:
            if one not in self._spellings:
                (told,) = self._listed(_marked(_SPELLED, self._name) + _written(one))
                self._spellings[one] = told, *name_parts(told[_BEFORE + _DIGITS :])
            yield self._spellings[one]

    def words(self, name: str) -> Sequence[str]:
        """The words of a name; those of the names of one field are asked for again and again."""
        found = self._words.get(name)
        if found is None:
            if len(self._words) >= self._REMEMBERED:
                self._words.clear()
            found = self._words[name] = tuple(name_words(name))
        return found

    @staticmethod
    def _read(terms: Iterable[str]) -> dict[str, Label]:
        return {one: label(*name_parts(one[_BEFORE + _DIGITS :])) for one in terms}

    def _checked(self, key: int) -> dict[str, Label]:
        """Of a key with several labels those that rows have still."""
        own = self._labels[key]
        if len(own) > 1:
            own = self._labels[key] = {one: label for one, label in own.items() if self._alive(one)}
        return own
