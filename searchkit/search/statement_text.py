"""Render statements, their speakers, dates and watchlist matches in words, for every output.

Every text is one line, with characters that steer or reorder made visible. Escaping for a page or a sheet is the task
of that output.
"""

import calendar
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from operator import attrgetter

from msgspec import Struct

from searchkit.notes import NoteFields
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import BY_NAME_ONLY, JOINT, NO_COMMENT, Document, Quote, WatchlistMatch
from searchkit.statements.text import Span, one_line

# Confidence is the share that was right when measured: findings below this are shown with a warning.
LOW_CONFIDENCE = 0.75
SPEAKER_UNKNOWN = "speaker unknown"
# A list shows the beginning of a longer note.
_LONGEST_NOTE = 300


def statement_details(
    *, verb: str = "", via: str = "", about: Iterable[str] = (), date: str = "", kind: str = "", doubt: str = ""
) -> tuple[str, ...]:
    """Return what a reader should know about a statement besides its speaker and words, in the usual order."""
    named = ", ".join(about)
    document = f"via {via}" if via else ""
    return tuple(part for part in (verb, document, f"about {named}" if named else "", date, kind, doubt) if part)


def via_text(quote: Quote, document: Document) -> str:
    """Return the document in which a statement was made, in the article's words; empty for none."""
    return one_line(quote.via.of(document.text)) if quote.via is not None else ""


def quote_details(quote: Quote, document: Document, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the details of a stored statement: its document, targets, date, kind, and doubts."""
    return statement_details(
        via=via_text(quote, document),
        about=[one_line(names.get(entity, entity)) for entity in quote.about],
        date=date_text(quote.date),
        kind=quote.kind,
        doubt=words_doubt(quote),
    )


def marked_text(text: str, marks: Iterable[tuple[int, int]], before: str, after: str) -> str:
    """Return `text` with `before` and `after` around each of the places in `marks`."""
    pieces, place = [], 0
    for start, end in marks:
        pieces += [text[place:start], before, text[start:end], after]
        place = end
    return "".join([*pieces, text[place:]])


def speaker_text(quote: Quote, document: Document) -> str:
    """Return who made a statement, with role and affiliation; for an unresolved speaker the words of the text."""
    speaker = quote.speaker
    if speaker.name is None or speaker.entity_id is None:
        described = document.unnamed_speaker(quote)
        if not described:
            return SPEAKER_UNKNOWN
        if quote.via == quote.attribution:  # a document has no name to add
            return described if quote.rule == _ACCORDING else f"{described[:1].upper()}{described[1:]}"
        return f"{described[:1].upper()}{described[1:]} (not named)"
    about = ", ".join(one_line(part) for part in (speaker.role, speaker.affiliation) if part)
    return one_line(speaker.name) + (f" ({about})" if about else "") + _uncertainty(quote)


def _uncertainty(quote: Quote) -> str:
    """Return a warning if the speaker is uncertain, with the others whom the text could mean."""
    rivals = " or ".join(map(one_line, quote.speaker.rivals))
    if quote.speaker.confidence >= LOW_CONFIDENCE or quote.speaker.entity_id is None:
        return f" (could also be {rivals})" if rivals else ""
    return f" (attribution uncertain{f': could be {rivals}' if rivals else ''})"


def words_doubt(quote: Quote) -> str:
    """Return a warning if the boundaries of the words are uncertain."""
    return "" if quote.confidence >= LOW_CONFIDENCE else "low confidence"


def date_text(date: PartialDate | None) -> str:
    """Return a date as precisely as it is known, with a remark if it is assumed; empty if there is none."""
    if date is None:
        return ""
    if date.precision == "day-without-year":
        month, day = int(date.value[2:4]), int(date.value[5:7])
        text = f"{calendar.month_name[month]} {day}, year unknown"
    elif date.precision == "instant":
        text = date.local_day or date.value[:10]
    else:
        text = date.value
    assumed = " (assumed: day of publication)" if date.source == "publication" else " (assumed)"
    return text + {"assumed": assumed, "low": " (a guess)"}.get(date.confidence, "")


def gone_text(document: Document) -> str:
    """Return since when the source no longer has the document; empty while it has it."""
    return f"gone since {one_line(document.gone_at[:10])}" if document.gone_at else ""


def page_text(quote: Quote, document: Document) -> str:
    """Return where a statement begins: the page (`p. 3`) or the time (`at 0:12:05`); empty if there are neither."""
    page, time = document.page_of(quote.content.start), document.time_of(quote.content.start)
    return f"at {time}" if time else "" if page is None else f"p. {page}"


def match_text(match: WatchlistMatch) -> str:
    """Return a watchlist entry whose name stands in the text, with BY_NAME_ONLY: only the name is the same."""
    how = ": ".join(filter(None, ("weak" if match.weak else "", one_line(match.reason))))
    entry = f"{one_line(match.watchlist)} {one_line(match.entry_id)}"
    return f"{one_line(match.name)} ({', '.join(filter(None, (entry, how)))}; {BY_NAME_ONLY})"


def note_texts(note: NoteFields, *, longest: int = _LONGEST_NOTE) -> tuple[str, ...]:
    """Return the user's note on a statement: the mark with the name of its author, the tags, the text if it is not
    longer than `longest` characters, or its beginning.

    Another speaker is a correction by the user, never a finding."""
    by = f" by {one_line(note.marked_by)}" if note.marked_by else ""
    verdict = {
        "": "",
        "checked": f"checked{by}",
        "wrong-speaker": f"marked as wrong{by}: wrong speaker",
        "false-match": f"marked as wrong{by}: false match",
    }[note.mark]
    if note.correction:
        verdict = f"corrected{by or ' by a user'}: the speaker is {one_line(note.correction)}"
    shown = note.note if len(note.note) <= longest else f"{note.note[:longest].rstrip()} …"
    text = f"note{'' if verdict else by}: {one_line(shown)}" if note.note else ""
    tags = f"tags: {', '.join(map(one_line, note.tags))}" if note.tags else ""
    return tuple(filter(None, (verdict, tags, text)))


def matched_entries(matches: Iterable[WatchlistMatch]) -> tuple[str, ...]:
    """Return each matched entry once, strong matches first."""
    by_entry = {(match.watchlist, match.entry_id, match.weak): match_text(match) for match in matches}
    strong = {entry[:2] for entry in by_entry if not entry[2]}
    shown = {entry: text for entry, text in by_entry.items() if not (entry[2] and entry[:2] in strong)}
    return tuple(shown[entry] for entry in sorted(shown, key=lambda entry: entry[2]))


# --- the statement as a sentence --------------------------------------------------------------------------------------

_LONGEST_LINK = 160  # characters between speaker and words; what is longer is not read as one clause
_ACCORDING = "according-to"
_TRANSCRIPT = "transcript"  # the label of its line names who speaks
# Statements that begin before a place and may still cover it.
_NEAR = 4
_BEGIN = attrgetter("content.start")
_MARKS = frozenset("\"“„«»‘'「”")


class StatementInWords(Struct, frozen=True, kw_only=True):
    """A statement as readers should see it, and its context: show `statement`, never the words alone."""

    statement: str
    sentence: str
    sentence_span: tuple[int, int]


def in_words(quote: Quote, document: Document) -> StatementInWords:
    """Return a statement as readers should see it."""
    sentence = document.sentence_of(quote)
    return StatementInWords(
        statement=statement_text(quote, document).sentence(document),
        sentence=sentence.of(document.text),
        sentence_span=(sentence.start, sentence.end),
    )


# Behind the words of a statement that the page strikes out.
STRUCK_OUT = " [struck out]"


class StatementText(Struct, frozen=True):
    """A statement for an output: `lead` names the speaker and the reporting words as written ("Kolm denied that"), and
    the `words` of the article follow it, several spans where the attribution interrupts them.
    """

    lead: str
    words: tuple[Span, ...]

    def sentence(self, document: Document) -> str:
        """Return the statement in one line."""
        words = one_line(JOINT.join(part.of(document.text) for part in self.words))
        return f"{self.lead} {words}{STRUCK_OUT if document.strikes(self.words) else ''}"


def statement_text(quote: Quote, document: Document) -> StatementText:
    """Return a statement with its speaker and verb: never the words of a denial without the denial.

    Where speaker, verb and words make no sentence, and words without their verb could mislead, the article's own
    sentence follows the speaker.
    """
    parts, speaker = document.spans_of(quote), speaker_text(quote, document)
    if quote.rule == NO_COMMENT and quote.cue == quote.content:
        names = quote.attribution is not None and quote.content.covers(quote.attribution)
        return StatementText(f"{speaker}, as reported:" if names else speaker, parts)
    if quote.cue is None and (quote.kind == "direct" or quote.rule == _TRANSCRIPT):
        return StatementText(f"{speaker}:", parts)
    if quote.rule == _ACCORDING and (phrase := _according(quote, document, speaker)):
        return StatementText(f"{phrase[:1].upper()}{phrase[1:]}:", parts)
    if verb_last := _verb_last(quote, document):
        return StatementText(f"{speaker} {verb_last[0]}".rstrip(), (verb_last[1],))
    link = reporting_words(quote, document)
    if not link or speaker == SPEAKER_UNKNOWN or _parts_verb(quote, document):
        return StatementText(f"{speaker}, as reported:", (document.sentence_of(quote),))
    lead = _lead(quote, speaker, link)
    leads = quote.cue is not None and quote.cue.start < parts[0].start and document.text[parts[0].start] not in _MARKS
    return StatementText(lead if leads else lead.rstrip(":,") + ":", parts)


def _lead(quote: Quote, speaker: str, link: str) -> str:
    """Return the speaker with the reporting words."""
    if link.startswith(","):  # an aside that says who the speaker is, up to the next comma
        if "," in link[1:]:
            speaker = one_line(quote.speaker.name or speaker) + _uncertainty(quote)
        else:
            link = link[1:].strip()
    return f"{speaker}{link}" if link[0] in ",'’" else f"{speaker} {link}"


def _according(quote: Quote, document: Document, speaker: str) -> str:
    """Return the words that name the source, with the speaker as shown: "according to"; empty without a name."""
    cue, name = quote.cue, quote.attribution
    if cue is None or name is None:
        return ""
    before = one_line(document.text[min(cue.start, name.start) : name.start])
    after = one_line(document.text[name.end : max(cue.end, name.end)])
    if quote.speaker.entity_id is None:
        speaker = document.unnamed_speaker(quote)[:1] + speaker[1:]  # "According to the mayor"
    return f"{before} {speaker} {after}".strip()


def _verb_last(quote: Quote, document: Document) -> tuple[str, Span] | None:
    """Return the words between the speaker and the object of a verb that stands behind it, and the object with this
    verb: "hatte", "die Vorwürfe zurückgewiesen"; None in another order."""
    name, content, cue = quote.attribution, quote.content, quote.cue
    if (
        quote.rule != "object"
        or name is None
        or cue is None
        or not name.end <= content.start <= content.end <= cue.start
    ):
        return None
    if cue.end - name.end > _LONGEST_LINK:
        return None
    return one_line(document.text[name.end : content.start]).strip(" ,"), Span(content.start, cue.end)


def _parts_verb(quote: Quote, document: Document) -> bool:
    """Return whether the rest of the verb stands behind its object: "wies die Vorwürfe zurück"."""
    if quote.rule != "object" or not quote.verb:
        return False
    behind = document.text[quote.content.end : document.sentence_of(quote).end].split()
    return any(len(word) > 1 and quote.verb.startswith(word) for word in (part.strip(".,;") for part in behind))


def reporting_words(quote: Quote, document: Document) -> str:
    """Return the words of the article that link speaker and statement ("did not deny that"), in one line.

    Empty if there are none, or if other words stand between them.
    """
    text, cue, name, content = document.text, quote.cue, quote.attribution, document.spans_of(quote)[0]
    if cue is None:
        return ""
    ahead = cue.end <= content.start and _are_near(cue, content, quote, document)
    end = content.start if ahead else cue.end
    if name is None or not _are_near(name, cue, quote, document):
        # The subject stands before an earlier verb: "..., and denied that ...".
        return one_line(text[cue.start : end]).strip() if ahead and not quote.negated else ""
    if name.end <= cue.start:
        words = one_line(text[name.end : end]).removeprefix(".").strip()  # "Vera Lind Jr. said"
        is_first = quote.speaker.name is not None and name.of(text).lower() in _FIRST_PERSON
        return _in_third_person(words, quote.verb or "", document.language or "en") if is_first else words
    if cue.end <= content.start < name.start:  # "Noting that it was late, Lind left"
        words = one_line(text[cue.start : content.start]).strip()
        return f"{words[:1].lower()}{words[1:]}"
    return one_line(text[cue.start : name.start]).strip(" ,") if cue.end <= name.start else one_line(cue.of(text))


_FIRST_PERSON = frozenset(("i", "ich", "je", "j'", "j’"))
_FIRST_VERB = re.compile(
    r"(?P<adverbs>(?:(?:(?!reply|imply)\w{1,20}ly|also|still|now|always|again) ){0,3})(?P<verb>\w{1,20})"
)
_THIRD_PERSON = {"do": "does", "have": "has", "am": "is"}


def _in_third_person(words: str, lemma: str, language: str) -> str:
    """Return the words behind an "I" as a name needs them ("denies that"); empty in a language without a rule."""
    found = _FIRST_VERB.match(words) if language.startswith("en") else None
    if found is None:
        return ""
    verb = found["verb"]
    third = _THIRD_PERSON.get(verb, verb)
    if verb == lemma.partition(" ")[0]:
        stem = re.sub("(?<=[^aeiou])y$", "ie", verb)
        third = f"{stem}es" if stem.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{stem}s"
    return f"{found['adverbs']}{third}{words[found.end() :]}"


def reporting_phrase(quote: Quote, document: Document) -> str:
    """Return the reporting words for a line that names the speaker separately: without an aside about the speaker
    ("denied that" of ", the owner, denied that"), and only the cue if other words stand between."""
    words, cue = reporting_words(quote, document), one_line(quote.cue.of(document.text)) if quote.cue else ""
    if not words.startswith(","):
        return words or cue
    before, cue, after = words.rpartition(cue)
    return f"{before.rpartition(',')[2]}{cue}{after}".strip(" ,")


def _are_near(first: Span, second: Span, quote: Quote, document: Document) -> bool:
    """Whether the words between two spans, in either order, are short and hold no statement."""
    start, end = min(first.end, second.end), max(first.start, second.start)
    if end - start > _LONGEST_LINK or "\n" in document.text[start:end]:
        return False
    at = bisect_left(document.quotes, start, key=_BEGIN) - _NEAR  # in text order
    near = document.quotes[max(0, at) : bisect_left(document.quotes, end, key=_BEGIN)]
    return not any(start < other.content.end for other in near if other is not quote)
