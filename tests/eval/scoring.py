"""Score searchkit on annotated documents: precision, recall and F1 of statements, speakers, names and metadata."""

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from searchkit.statements.document import NO_COMMENT, Document, Quote
from searchkit.statements.text import Span, name_key
from tests.eval.annotated import Page, Statement, locate

# Two spans are the same statement when they share this much of their letters and digits (Jaccard).
RELAXED = 0.3
STRICT = 0.8


class Ratio(Struct, kw_only=True):
    """Counts behind precision and recall: `found_right` of `found` are right, `wanted_right` of `wanted` were found."""

    found: int = 0
    found_right: int = 0
    wanted: int = 0
    wanted_right: int = 0

    @property
    def precision(self) -> float:
        """Return the share of findings that are right; 1 if there are none."""
        return self.found_right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return the share of wanted things that were found; 1 if none were wanted."""
        return self.wanted_right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
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
    """Ratios by measure. `rules` counts how often each rule fired and was right; `speakers` and `statements` list the
    confidence of each speaker and statement found, and whether it is right.
    """

    measures: dict[str, Ratio] = field(default_factory=dict)
    rules: dict[str, Ratio] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    speakers: list[tuple[float, bool]] = field(default_factory=list)
    statements: list[tuple[float, bool]] = field(default_factory=list)

    def of(self, measure: str) -> Ratio:
        """Return the ratio of this measure, a new ratio if there is none."""
        return self.measures.setdefault(measure, Ratio())

    def rule(self, name: str, *, right: bool) -> None:
        """Count that this rule fired."""
        self.rules.setdefault(name, Ratio()).add(found=True, right=right)

    def floors(self) -> dict[str, float]:
        """Return the F1 of every measure."""
        return {name: ratio.f1 for name, ratio in self.measures.items()}


# Endings of company names that say the legal form: two spellings with and without them are one name.
_LEGAL_FORMS = frozenset("ab ag as bv co gmbh inc jsc kg llc llp ltd nv oy plc pte sa sarl se spa".split())
# Words without weight in the name of a body: Department of Commerce = U.S. Commerce Department.
_SMALL_WORDS = frozenset("the of and for us u s united states de du des la le von der des".split())


def same_name(name: str) -> frozenset[str]:
    """Return the words of a name that carry weight; names with the same words count as the same."""
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
    """Pair statements with quotes, closest first, each used once; the parts of a group may match a single quote."""
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


def _score_match(scores: Scores, document: Document, statement: Statement, quote: Quote) -> None:
    """Count speaker, cue and date of `quote` for the listed statement that it matches."""
    speaker = quote.speaker
    cue = quote.cue.of(document.text) if quote.cue else ""
    measures = [
        ("speaker", _speaker_right(statement, quote), statement.speaker, f"{speaker.name} by {speaker.resolved_by}")
    ]
    if statement.cue:
        measures.append(("cue", statement.cue.casefold() == cue.casefold(), statement.cue, cue))
    if statement.said != "":
        stated = quote.date is not None and quote.date.source == "text"
        date = quote.date.value if quote.date and stated else "assumed" if quote.date else None
        measures.append(("date", date == statement.said, statement.said, str(date)))
        scores.of("date stated").add(
            found=stated, wanted=statement.said not in {"assumed", None}, right=date == statement.said
        )
    for measure, right, wanted, found in measures:
        scores.of(f"{measure}, given a match").add(found=True, wanted=True, right=right)
        if not right:
            scores.misses.append(f"{statement.file}: {measure} {wanted} read as {found}: {statement.text}")


def _score_about(
    scores: Scores, document: Document, listed: Sequence[Statement], quotes: Sequence[Quote], apart: str
) -> None:
    """Count the entities that matching statements and quotes are about, each and as a set."""
    if any(one.about is None or one.optional for one in listed):
        return
    names = document.names()
    wanted = dict.fromkeys(name for one in listed for name in one.about or ())
    # An annotation may use any name that the article gives: "Kasachstan".
    names |= {one.entity_id: one.surface for one in document.mentions if one.surface in wanted}
    found = dict.fromkeys(names.get(entity, entity) for quote in quotes for entity in quote.about)
    wrong = _sets(scores.of(f"about, pairs{apart}"), wanted, found)
    scores.of(f"about, whole{apart}").add(found=True, wanted=True, right=not wrong)
    if wrong:
        scores.misses.append(f"{listed[0].file}: about: {', '.join(wrong)}: {' '.join(one.text for one in listed)}")


def score_statements(scores: Scores, document: Document, listed: Sequence[Statement]) -> None:
    """Count the statements of a document: found, kind, speaker, target, and the rules that fired."""
    # German and French are counted apart: their packs are smaller than the English pack.
    apart = "" if _is_english(document) else ", other languages"
    quotes = document.quotes
    # What parse lost has no letters, and so matches nothing.
    places = zip(listed, locate(listed, document.text), strict=True)
    spans = [(span or Span(0, 0), statement.group) for statement, span in places]
    matches = match(document.text, spans, quotes, RELAXED)
    strict = match(document.text, spans, quotes, STRICT)
    for pair in matches:
        parts = [quotes[place] for place in pair.quotes]
        _score_about(scores, document, [listed[place] for place in pair.listed], parts, apart)
    twins = {place: listed[pair.listed[0]] for pair in matches for place in pair.quotes}
    exact = {place for pair in strict for place in pair.quotes}
    for place, quote in enumerate(quotes):
        twin = twins.get(place)
        if twin is None and quote.rule == NO_COMMENT:
            continue  # the older annotations do not list them
        if twin is None or not twin.optional:
            _score_quote(scores, document, quote, twin, apart, strict=place in exact)
    met = {place: quotes[pair.quotes[0]] for pair in matches for place in pair.listed}
    exact = {place for pair in strict for place in pair.listed}
    for place, statement in enumerate(listed):
        if not statement.optional:
            _score_listed(scores, document, statement, met.get(place), apart, strict=place in exact)


def _score_quote(
    scores: Scores, document: Document, quote: Quote, twin: Statement | None, apart: str, *, strict: bool
) -> None:
    """Count a statement found, and the listed statement that it matches."""
    scores.of(f"statements{apart}").add(found=True, right=twin is not None)
    scores.rule(f"found by {quote.rule}", right=twin is not None)
    scores.statements.append((quote.confidence, twin is not None))
    if twin is None:
        scores.misses.append(f"{document.uri.rsplit('/', 1)[-1]}: false: {quote.content.of(document.text)}")
    right = twin is not None and _speaker_right(twin, quote)
    scores.of(f"statement and speaker{apart}").add(found=True, right=right)
    if apart:
        return
    scores.of("statements, strict").add(found=True, right=strict)
    scores.of(quote.kind).add(found=True, right=twin is not None)
    if twin is not None:
        scores.rule(f"speaker by {quote.speaker.resolved_by}", right=right)
        if quote.speaker.entity_id is not None:
            scores.speakers.append((quote.speaker.confidence, right))


def _score_listed(
    scores: Scores, document: Document, statement: Statement, met: Quote | None, apart: str, *, strict: bool
) -> None:
    """Count a listed statement, and the quote that it matches."""
    scores.of(f"statements{apart}").add(wanted=True, right=met is not None)
    if met is None:
        scores.misses.append(f"{statement.file}: missed: {statement.text}")
    right = met is not None and _speaker_right(statement, met)
    scores.of(f"statement and speaker{apart}").add(wanted=True, right=right)
    if met is not None:
        _score_cost(scores.of(f"speaker, by cost{apart}"), statement, met)
    if apart:
        if met is not None and not right:
            speakers = f"speaker {statement.speaker} read as {met.speaker.name}"
            scores.misses.append(f"{statement.file}: {speakers}: {statement.text}")
        return
    scores.of("statements, strict").add(wanted=True, right=strict)
    scores.of(statement.kind).add(wanted=True, right=met is not None)
    negated = met is not None and met.negated
    if statement.negated or negated:
        right = statement.negated and negated
        scores.of("negated").add(wanted=statement.negated, found=negated, right=right)
    if met is not None:
        _score_match(scores, document, statement, met)


def _score_cost(ratio: Ratio, statement: Statement, met: Quote) -> None:
    """Count three points for a speaker: a wrong name loses them all, a name left open loses one."""
    is_open = met.speaker.entity_id is None and statement.speaker is not None
    kept = 3 if _speaker_right(statement, met) else 2 * is_open
    for point in range(3):
        ratio.add(found=True, wanted=True, right=point < kept)


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
        named = {mention.name for mention in document.mentions if mention.kind == kind}
        wrong = _sets(scores.of(measure if _is_english(document) else "names, other languages"), names, named)
        scores.misses.extend(f"{page.file}: {measure}: {line}" for line in wrong)


def evaluate(documents: Sequence[tuple[Page, Document]], listed: Sequence[Statement]) -> Scores:
    """Return the scores of all `documents` against their pages and the statements `listed` for them."""
    scores = Scores()
    by_file: dict[str, list[Statement]] = {}
    for statement in listed:
        by_file.setdefault(statement.file, []).append(statement)
    for page, document in documents:
        score_statements(scores, document, by_file.get(page.file, []))
        score_page(scores, document, page)
    return scores
