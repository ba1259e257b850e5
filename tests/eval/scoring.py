"""Scores of searchkit on the annotated seeds: precision, recall and F1 of statements, speakers, names and metadata."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from searchkit.document import Document, Quote
from searchkit.text import Span, name_key
from tests.eval.annotated import Page, Statement, locate

# Two spans are the same statement when they share this much of their letters and digits (Jaccard).
RELAXED = 0.3
STRICT = 0.8


class Ratio(Struct, kw_only=True):
    """Counts behind precision and recall. `found_right` of `found` were right; `wanted_right` of `wanted` were met."""

    found: int = 0
    found_right: int = 0
    wanted: int = 0
    wanted_right: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found."""
        return self.found_right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what was wanted that was found; 1 when nothing was wanted."""
        return self.wanted_right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def add(self, *, found: bool = False, wanted: bool = False, right: bool = False) -> None:
        """Count one thing found, or wanted, or both."""
        self.found += found
        self.wanted += wanted
        self.found_right += found and right
        self.wanted_right += wanted and right


class Match(Struct, frozen=True):
    """Statements listed by hand and the quotes that say the same; one of the two has just one member."""

    listed: tuple[int, ...]
    quotes: tuple[int, ...]
    overlap: float


class Scores(Struct):
    """Ratios by measure. `rules` counts, for each rule of finding and resolving, how often it fired and was right;
    `speakers` and `statements` are the confidences of the speakers told and of the statements found, and whether right.
    """

    measures: dict[str, Ratio] = field(default_factory=dict)
    rules: dict[str, Ratio] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    speakers: list[tuple[float, bool]] = field(default_factory=list)
    statements: list[tuple[float, bool]] = field(default_factory=list)

    def of(self, measure: str) -> Ratio:
        """The ratio of this measure, new when it was not there."""
        return self.measures.setdefault(measure, Ratio())

    def rule(self, name: str, *, right: bool) -> None:
        """Count that this rule fired."""
        self.rules.setdefault(name, Ratio()).add(found=True, right=right)

    def floors(self) -> dict[str, float]:
        """F1 of every measure; of `speaker`, which only counts matches, the share that is right."""
        return {name: ratio.f1 for name, ratio in self.measures.items()}


# Endings of company names that say the legal form: two spellings with and without them are one name.
_LEGAL_FORMS = frozenset("ab ag as bv co gmbh inc jsc llc llp ltd nv oy plc pte sa sarl spa".split())
# Words without weight in the name of a body: Department of Commerce = U.S. Commerce Department.
_SMALL_WORDS = frozenset("the of and for us u s united states de du des la le von der des".split())


def same_name(name: str) -> frozenset[str]:
    """A name as the set of words that carry weight; names with the same set are taken for the same."""
    words = name_key(name.replace("'s", "").replace("’s", "")).split()
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return frozenset(words) - _SMALL_WORDS or frozenset(words)


def _letters(text: str, span: Span) -> frozenset[int]:
    return frozenset(place for place in range(span.start, span.end) if text[place].isalnum())


def _runs(groups: Sequence[str | None]) -> list[tuple[int, ...]]:
    """Every single place, and every stretch of neighbors that share a group."""
    runs: list[tuple[int, ...]] = [(place,) for place in range(len(groups))]
    for start, group in enumerate(groups):
        stop = start + 1
        while group and stop < len(groups) and groups[stop] == group:
            stop += 1
            runs.append(tuple(range(start, stop)))
    return runs


def match(text: str, listed: Sequence[tuple[Span, str | None]], quotes: Sequence[Quote], least: float) -> list[Match]:
    """Pair statements with quotes, closest first, each used once; parts of a group may meet one whole, both ways."""
    wanted = [_letters(text, span) for span, _ in listed]
    found = [_letters(text, quote.content) for quote in quotes]
    pairs: list[Match] = []
    for left in _runs([group for _, group in listed]):
        letters = frozenset[int]().union(*(wanted[place] for place in left))
        for right in _runs([quote.group for quote in quotes]):
            if len(left) > 1 and len(right) > 1:
                continue
            other = frozenset[int]().union(*(found[place] for place in right))
            shared = len(letters & other)
            if shared and shared >= least * len(letters | other):
                pairs.append(Match(left, right, shared / len(letters | other)))
    pairs.sort(key=lambda pair: (-pair.overlap, len(pair.listed) + len(pair.quotes), pair.listed, pair.quotes))
    used_left: set[int] = set()
    used_right: set[int] = set()
    kept: list[Match] = []
    for pair in pairs:
        if used_left.isdisjoint(pair.listed) and used_right.isdisjoint(pair.quotes):
            kept.append(pair)
            used_left.update(pair.listed)
            used_right.update(pair.quotes)
    return kept


def _is_english(document: Document) -> bool:
    return (document.language or "en").startswith("en")  # plain texts seldom say; ours that are not English do


def _speaker_right(statement: Statement, quote: Quote) -> bool:
    named = quote.speaker.name if quote.speaker.entity_id is not None else None
    if statement.speaker is None or named is None:
        return statement.speaker is None and named is None
    return same_name(statement.speaker) == same_name(named)


def _score_match(scores: Scores, document: Document, one: Statement, quote: Quote) -> None:
    """Count who, with which word and when `quote` says it, for the listed statement that it meets."""
    speaker = quote.speaker
    cue = quote.cue.of(document.text) if quote.cue else ""
    measures = [("speaker", _speaker_right(one, quote), one.speaker, f"{speaker.name} by {speaker.resolved_by}")]
    if one.cue:
        measures.append(("cue", one.cue.casefold() == cue.casefold(), one.cue, cue))
    if one.said != "":
        stated = quote.date is not None and quote.date.source == "text"
        date = quote.date.value if quote.date and stated else "assumed" if quote.date else None
        measures.append(("date", date == one.said, one.said, str(date)))
        scores.of("date stated").add(found=stated, wanted=one.said not in {"assumed", None}, right=date == one.said)
    for measure, right, wanted, found in measures:
        scores.of(f"{measure}, given a match").add(found=True, wanted=True, right=right)
        if not right:
            scores.misses.append(f"{one.file}: {measure} {wanted} read as {found}: {one.text}")


def _score_about(
    scores: Scores, document: Document, listed: Sequence[Statement], quotes: Sequence[Quote], apart: str
) -> None:
    """Count the entities that matching statements and quotes are about, one by one and as a whole set."""
    if any(one.about is None or one.optional for one in listed):
        return
    names = document.names()
    wanted = dict.fromkeys(name for one in listed for name in one.about or ())
    found = dict.fromkeys(names.get(entity, entity) for quote in quotes for entity in quote.about)
    wrong = _sets(scores.of(f"about, pairs{apart}"), wanted, found)
    scores.of(f"about, whole{apart}").add(found=True, wanted=True, right=not wrong)
    if wrong:
        scores.misses.append(f"{listed[0].file}: about: {', '.join(wrong)}: {' '.join(one.text for one in listed)}")


def score_statements(scores: Scores, document: Document, listed: Sequence[Statement]) -> None:
    """Count the statements of one document: found, kind, speaker, target, and the rules that fired."""
    # German and French are counted apart: their packs are smaller than the English one.
    english = _is_english(document)
    apart = "" if english else ", other languages"
    measure = f"statements{apart}"
    quotes = document.quotes
    # What parse lost has no letters, and so meets nothing.
    spans = [(span or Span(0, 0), one.group) for one, span in zip(listed, locate(listed, document.text), strict=True)]
    matches = match(document.text, spans, quotes, RELAXED)
    twins = {place: listed[pair.listed[0]] for pair in matches for place in pair.quotes}
    met = {place: quotes[pair.quotes[0]] for pair in matches for place in pair.listed}
    strict = match(document.text, spans, quotes, STRICT)
    strict_quotes = {place for pair in strict for place in pair.quotes}
    strict_listed = {place for pair in strict for place in pair.listed}

    for pair in matches:
        parts = [quotes[place] for place in pair.quotes]
        _score_about(scores, document, [listed[place] for place in pair.listed], parts, apart)
    for place, quote in enumerate(quotes):
        twin = twins.get(place)
        if twin and twin.optional:
            continue
        scores.of(measure).add(found=True, right=twin is not None)
        scores.rule(f"found by {quote.rule}", right=twin is not None)
        scores.statements.append((quote.confidence, twin is not None))
        if twin is None:
            scores.misses.append(f"{document.uri.rsplit('/', 1)[-1]}: false: {quote.content.of(document.text)}")
        right = twin is not None and _speaker_right(twin, quote)
        scores.of(f"statement and speaker{apart}").add(found=True, right=right)
        if english:
            scores.of(f"{measure}, strict").add(found=True, right=place in strict_quotes)
            scores.of(quote.kind).add(found=True, right=twin is not None)
            if twin:
                scores.rule(f"speaker by {quote.speaker.resolved_by}", right=right)
                if quote.speaker.entity_id is not None:
                    scores.speakers.append((quote.speaker.confidence, right))

    for place, one in enumerate(listed):
        if one.optional:
            continue
        quote_met = met.get(place)
        scores.of(measure).add(wanted=True, right=quote_met is not None)
        if quote_met is None:
            scores.misses.append(f"{one.file}: missed: {one.text}")
        right = quote_met is not None and _speaker_right(one, quote_met)
        scores.of(f"statement and speaker{apart}").add(wanted=True, right=right)
        if quote_met is not None and not right and not english:
            scores.misses.append(f"{one.file}: speaker {one.speaker} read as {quote_met.speaker.name}: {one.text}")
        if english:
            scores.of(f"{measure}, strict").add(wanted=True, right=place in strict_listed)
            scores.of(one.kind).add(wanted=True, right=quote_met is not None)
            if quote_met:
                _score_match(scores, document, one, quote_met)


def _sets(ratio: Ratio, wanted: Iterable[str], found: Iterable[str]) -> list[str]:
    left = {same_name(name): name for name in wanted}
    right = {same_name(name): name for name in found}
    for key in left:
        ratio.add(wanted=True, right=key in right)
    for key in right:
        ratio.add(found=True, right=key in left)
    return [f"missed {name}" for key, name in left.items() if key not in right] + [
        f"false {name}" for key, name in right.items() if key not in left
    ]


def score_page(scores: Scores, document: Document, page: Page) -> None:
    """Count the metadata of one document, and its agencies, companies and people."""
    published = document.published.value[:10] if document.published else None
    for measure, wanted, found in (
        ("title", page.title, document.title),
        ("published", page.published, published),
        ("outlet", page.outlet, document.outlet),
    ):
        right = wanted == found
        scores.of(measure).add(wanted=wanted is not None, found=found is not None, right=right)
        if not right:
            scores.misses.append(f"{page.file}: {measure} {wanted!r} read as {found!r}")
    kinds = {
        "agencies": ("agency", page.agencies),
        "companies": ("company", page.companies),
        "people": ("person", page.people),
    }
    for measure, (kind, names) in kinds.items():
        told = {mention.name for mention in document.mentions if mention.kind == kind}
        wrong = _sets(scores.of(measure if _is_english(document) else "names, other languages"), names, told)
        scores.misses.extend(f"{page.file}: {measure}: {line}" for line in wrong)


def evaluate(documents: Sequence[tuple[Page, Document]], listed: Sequence[Statement]) -> Scores:
    """Scores of all `documents` against their pages and the statements `listed` for them."""
    scores = Scores()
    by_file: dict[str, list[Statement]] = {}
    for one in listed:
        by_file.setdefault(one.file, []).append(one)
    for page, document in documents:
        score_statements(scores, document, by_file.get(page.file, []))
        score_page(scores, document, page)
    return scores


def tally(listed: Sequence[Statement]) -> Counter[str]:
    """How many statements of each kind are listed."""
    return Counter(one.kind for one in listed)
