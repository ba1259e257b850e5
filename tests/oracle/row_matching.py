"""Match rows with a condition on one of its fields: the oracle's rules, word by word."""

from collections import Counter
from collections.abc import Callable
from functools import cached_property

from searchkit.index.analysis import caseless, contains_exact, exact_key, name_words, prefix_words, stems, words
from searchkit.index.ranking import text_fields
from searchkit.index.rows import NameValue, Row
from searchkit.index.values import span_test, value_key, value_pattern, within_edits
from searchkit.query import ast, fields

Words = list[str]
Occurrence = tuple[int, int]  # first and last position of a match within one passage


class WordedRow:
    """A row with its words, looked up when they are first asked for."""

    def __init__(self, row: Row, source: str) -> None:
        self.row = row
        self.source = source
        self._passages: dict[str, list[Words]] = {}

    def passages(self, name: str) -> list[Words]:
        """Words of every passage of a text field, or of every spelling of every value of a name field."""
        if name not in self._passages:
            values = self.row.names.get(name, ())
            spellings = [name_words(spelling) for value in values for spelling in (value.name, *value.surfaces)]
            self._passages[name] = [*map(words, self.row.texts.get(name, ())), *spellings]
        return self._passages[name]

    @cached_property
    def frequencies(self) -> dict[str, Counter[str]]:
        """How often each stem stands in each text field."""
        return {
            name: Counter(stem for passage in self.passages(name) for stem in stems(passage)) for name in self.row.texts
        }


def kind_of(name: str) -> str:
    field = fields.find(name)
    return field.kind if field else ""


def row_matches(name: str, node: ast.Node, record: WordedRow) -> bool:
    """Return whether the field holds; each word or value of And, Or, Not is looked for by itself."""
    match node:
        case ast.And():
            return all(row_matches(name, child, record) for child in node.children)
        case ast.Or():
            return any(row_matches(name, child, record) for child in node.children)
        case ast.Not():
            return not row_matches(name, node.child, record)
        case ast.All():
            return True
    row = record.row
    match kind_of(name):
        case "text":
            return any(_matches_text(field_name, node, record) for field_name in text_fields(name, row.record))
        case "name":
            by_words = not isinstance(node, ast.Exists | ast.Equals | ast.Regex)
            return any(
                name_matches(node, row.names.get(own, ()), record.passages(own) if by_words else [])
                for own in _searched(name, node)
            )
        case "keyword":
            return any(keyword_matches(node, value) for value in row.keywords.get(name, ()))
        case "date":
            spans = row.dates.get(name, ())
            fits = span_test(node)
            return any(fits(span.first, span.last) for span in spans)
    return False


def _searched(name: str, node: ast.Node) -> list[str]:
    """Words for a speaker without a name are no value of `speaker`, but its conditions match them."""
    return ["speaker", "unnamed"] if name == "speaker" and not isinstance(node, ast.Exists) else [name]


def _matches_text(name: str, node: ast.Node, record: WordedRow) -> bool:
    passages = record.passages(name)
    match node:
        case ast.Exists():
            return bool(passages)
        case ast.Term() if len(words(node.text)) == 1:
            return stems(words(node.text))[0] in record.frequencies.get(name, {})
        case ast.Exact():
            return any(
                contains_exact(exact_key(text), exact_key(node.text))
                and (not words(node.text) or bool(occurrences(ast.Phrase(text=node.text), passage, _caseless_words)))
                for text in record.row.texts.get(name, ())
                for passage in (_caseless_words(text),)
            )
    return any(occurrences(node, passage) for passage in passages)


def _caseless_words(text: str) -> Words:
    return [*map(caseless, words(text))]


def name_matches(node: ast.Node, values: tuple[NameValue, ...], spellings: list[Words]) -> bool:
    """Return whether one of the values of a name field, with the words of all their `spellings`, is what `node` asks
    for."""
    match node:
        case ast.Exists():
            return bool(values)
        case ast.Equals():
            wanted = value_key(node.text)
            return any(wanted in (value_key(value.name), value_key(value.id)) for value in values)
        case ast.Regex():
            return any(value_pattern(node.pattern).fullmatch(value.name) for value in values)
        case ast.Exact():
            return any(occurrences(ast.Phrase(text=node.text), spelling, name_words) for spelling in spellings)
    return any(occurrences(node, spelling, name_words) for spelling in spellings)


def keyword_matches(node: ast.Node, value: str) -> bool:
    """Return whether a keyword is what `node` asks for."""
    key = value_key(value)
    match node:
        case ast.Exists():
            return True
        case ast.Term() | ast.Phrase() | ast.Equals() | ast.Exact():
            return key == value_key(node.text)
        case ast.Prefix():
            return key.startswith(value_key(node.text))
        case ast.Fuzzy():
            return within_edits(key, value_key(node.text), node.distance)
        case ast.Regex():
            return value_pattern(node.pattern).fullmatch(value) is not None
    return False


# --- one passage ------------------------------------------------------------------------------------------------------


def occurrences(node: ast.Node, passage: Words, split: Callable[[str], Words] = words) -> list[Occurrence]:
    """Every place in `passage` where a word, phrase, prefix, near spelling or pair of these stands, unstemmed. `split`
    has split the passage.

    A word that analysis splits (`fox-it`) is a phrase; its last part takes the `*` or `~`.
    """
    if isinstance(node, ast.Near):
        pairs = [
            (left, right)
            for left in occurrences(node.left, passage, split)
            for right in occurrences(node.right, passage, split)
            if 0 <= right[0] - left[1] - 1 <= node.distance
            or (not node.ordered and 0 <= left[0] - right[1] - 1 <= node.distance)
        ]
        return [(min(left[0], right[0]), max(left[1], right[1])) for left, right in pairs]
    if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy):
        return []
    wanted = prefix_words(node.text) if isinstance(node, ast.Prefix) and split is words else split(node.text)
    if not wanted:
        return []
    tests: list[Callable[[str], bool]] = [word.__eq__ for word in wanted]
    last = wanted[-1]
    if isinstance(node, ast.Prefix):
        tests[-1] = lambda word: word.startswith(last)
    elif isinstance(node, ast.Fuzzy):
        distance = node.distance
        tests[-1] = lambda word: within_edits(word, last, distance)
    slop = node.slop if isinstance(node, ast.Phrase) else 0
    return [
        (start, end)
        for start in range(len(passage))
        for end in range(start, min(len(passage), start + len(tests) + slop))
        if _in_order(tests, passage[start : end + 1])
    ]


def _in_order(tests: list[Callable[[str], bool]], part: Words) -> bool:
    """Return whether `part` begins with the first word wanted, ends with the last, and has the others between, in
    order."""
    if not tests[0](part[0]) or not tests[-1](part[-1]) or (len(tests) == 1) != (len(part) == 1):
        return False
    between = iter(part[1:-1])
    return all(any(test(word) for word in between) for test in tests[1:-1])
