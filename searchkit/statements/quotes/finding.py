"""Find statements: the words, how they are reported, and the phrase that names the speaker.

A statement of rule `continued` or `uncued` has no cue of its own; its speaker comes from its neighbors (speakers/).
`unattributed` are words in marks inside a sentence for which the writer names no speaker; `isolated` is a quotation
far from any other statement, such as a pull quote.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from msgspec.structs import replace

from searchkit.statements import dateline, framing
from searchkit.statements.clauses.reports import ClauseReader
from searchkit.statements.document import NO_COMMENT, Article, Mention
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.quotes import marks, marks_only
from searchkit.statements.quotes.marks import Quoted
from searchkit.statements.quotes.marks_only import FEWEST_WORDS, word_count
from searchkit.statements.quotes.no_comment import no_comments, only_refuses, stands_alone
from searchkit.statements.quotes.reading import Reader, Report, Sentence
from searchkit.statements.quotes.statement import Findings, Statement
from searchkit.statements.reader import explained
from searchkit.statements.reader.explained import NO_CUE, TERM, NoStatement, ReadSentence, unreported_verbs
from searchkit.statements.reader.reports import PatternReader
from searchkit.statements.text import Span, fold, fold_words
from searchkit.statements.transcripts import finding as transcripts
from searchkit.statements.transcripts.finding import Label
from searchkit.statements.transcripts.labels import entry_starts
from searchkit.statements.transcripts.signatures import Signatures

# The words that point to another article.
_TEASER = re.compile(r"[(\[]?([^\W\d_][^:|»\n.?!]{2,24}) ?[:|»]")
# Rules whose statements go on over several sentences.
_MERGED = frozenset({"mood", "hearsay", "planned"})
# Statements that begin before a place and may still cover it.
_NEAR = 4
_CROSSHEAD = 80


def find(article: Article, mentions: Sequence[Mention]) -> Findings:
    """Return the statements and terms of `article`. Never raises on odd text; a bare article gives empty findings."""
    return _finder(article, mentions).run()


def explain(
    article: Article, mentions: Sequence[Mention], findings: Findings
) -> tuple[tuple[NoStatement, ...], tuple[ReadSentence, ...]]:
    """Return the verbs and quotations that made no statement in `findings`, with the reason, and what the reader sees
    in each sentence with an attribution; both in order. This reads the text once more."""
    finder = _finder(article, mentions)
    sentences = tuple(finder.readings()) if isinstance(finder, _StatementFinder) else ()
    return tuple(sorted(finder.unreported(findings), key=lambda place: place.span.start)), sentences


def _finder(article: Article, mentions: Sequence[Mention]) -> "_MarksFinder":
    quoted = marks.find(article.text, article.paragraphs)
    pack = pack_for(article.language)
    return _MarksFinder(article, quoted) if pack is None else _StatementFinder(article, quoted, mentions, pack)


@lru_cache(maxsize=8)
def _report_finder(pack: Pack) -> PatternReader | ClauseReader:
    return ClauseReader(pack) if pack.clausal else PatternReader(pack)


def _spoken(article: Article) -> tuple[Span, ...]:
    """Return the paragraphs of `article` without its dateline and the times of a live blog."""
    text, paragraphs = article.text, list(article.paragraphs)
    line = dateline.find(text)
    if line is not None and paragraphs and line.span.end < paragraphs[0].end:
        start = line.span.end
        while text[start].isspace():
            start += 1
        paragraphs[0] = Span(start, paragraphs[0].end)
    for number, start in entry_starts(text, paragraphs).items():
        paragraphs[number] = Span(start, paragraphs[number].end)
    return tuple(paragraphs)


def _is_crosshead(text: str, span: Span) -> bool:
    """Return whether a quotation that is a paragraph is short, and nothing ends it as a sentence."""
    return span.end - span.start < _CROSSHEAD and not marks.ends_sentence(text[span.start + 1 : span.end - 1])


class _MarksFinder:
    """Finds words in marks and dialogue that are speech, for a language without a pack."""

    def __init__(self, article: Article, quoted: Sequence[Quoted]) -> None:
        self._article = article
        self._text = article.text
        self._paragraphs = _spoken(article)
        self._paragraph_starts = [span.start for span in self._paragraphs]
        self._quoted = quoted
        self._found: list[Statement] = []
        self._failed = 0

    def run(self) -> Findings:
        language = (self._article.language or "").replace("_", "-").partition("-")[0].lower()
        for number, spans in enumerate(marks_only.find(self._text, self._paragraphs, self._quoted, language)):
            group = number if len(spans) > 1 else None
            for span in spans:
                paragraph = bisect_right(self._paragraph_starts, span.start) - 1
                self._found.append(
                    Statement(content=span, kind="direct", rule="marks-only", group=group, paragraph=paragraph)
                )
        return self._findings()

    def unreported(self, findings: Findings) -> Iterator[NoStatement]:
        """Yield what `findings` do not hold though it could have been a statement."""
        terms = {span.start for span in findings.terms}
        said = [statement.content for statement in findings.statements]
        starts = [span.start for span in said]
        for stretch in self._quoted:
            first = max(0, bisect_right(starts, stretch.span.start) - _NEAR)
            near = said[first : bisect_left(starts, stretch.span.end)]
            if not any(content.overlaps(stretch.span) for content in near):
                yield NoStatement(stretch.span, TERM if stretch.span.start in terms else NO_CUE)

    def _findings(self) -> Findings:
        self._found.sort(key=lambda statement: (statement.content.start, statement.content.end))
        return Findings(statements=tuple(self._found), terms=tuple(self._terms()), failed=self._failed)

    def _terms(self) -> Iterator[Span]:
        """Yield the quoted stretches outside all statements that are too short to be a sentence."""
        at = reached = 0
        for stretch in self._quoted:
            while at < len(self._found) and self._found[at].content.start <= stretch.span.start:
                reached = max(reached, self._found[at].content.end)
                at += 1
            inner = stretch.inner(self._text)
            paragraph = self._paragraphs[bisect_right(self._paragraph_starts, stretch.span.start) - 1]
            short = stretch.closed and 0 < word_count(inner) < FEWEST_WORDS and not marks.ends_sentence(inner)
            if short and stretch.span.start >= reached and not self._is_table_row(paragraph):
                yield stretch.span

    def _is_table_row(self, paragraph: Span) -> bool:
        start = paragraph.start
        return self._text[start] == "|" and self._text.find("|", start + 1, paragraph.end) > 0


class _StatementFinder(_MarksFinder):
    """Finds the statements of an article in a language with a pack."""

    def __init__(self, article: Article, quoted: Sequence[Quoted], mentions: Sequence[Mention], pack: Pack) -> None:
        super().__init__(article, quoted)
        self._mentions = mentions
        self._mention_starts = [mention.span.start for mention in mentions]
        self._pack = pack
        self._finite = pack.words["finite"]
        self._reports = _report_finder(pack)
        self._kind = marks.Kinds(article.text, quoted).of
        self._reader = Reader(article.text, quoted, mentions)
        self._signatures = Signatures(article.text, self._paragraphs, mentions, pack)
        self._framing = framing.around(article)
        self._used: set[int] = set()
        self._group = 0
        self._turns: dict[int, int] = {}  # the group of each turn of a transcript

    def run(self) -> Findings:
        awaiting: Report | None = None  # "Korbel continued:" at the end of a paragraph
        labels = transcripts.find(self._article, self._paragraphs, self._mentions, self._pack)
        labeled = {label.paragraph: label for label in labels}
        for number, paragraph in enumerate(self._paragraphs):
            if self._is_table_row(paragraph) or self._is_teaser(paragraph) or self._frames(paragraph):
                continue
            if number in labeled:
                self._add_labeled(labeled[number])
                awaiting = None
                continue
            read: list[Sentence] = []
            before = len(self._found)
            last: Report | None = None
            for sentence in self._reader.sentences(paragraph, number):
                if self._is_teaser(sentence.span) or self._frames(sentence.span):
                    continue
                read.append(sentence)
                if awaiting is not None and sentence.quoted and sentence.quoted[0] >= 0:
                    self._add_quoted(sentence, 0, awaiting)
                awaiting = None
                known = len(self._found)
                try:
                    last = self._read_sentence(read, last)
                    awaiting = last if last is not None and last.awaits else None
                except Exception as error:  # noqa: BLE001  counted, and reported with the document
                    self._leave_out(known, error)
            known = len(self._found)
            try:
                self._add_uncued(read, before)
            except Exception as error:  # noqa: BLE001  as above
                self._leave_out(known, error)
        return self._findings()

    def _frames(self, span: Span) -> bool:
        """Return whether a paragraph or sentence is about the article: a correction, a biography of the writer."""
        return bool(self._framing) and any(note.covers(span) for note in self._framing)

    def _leave_out(self, known: int, error: Exception) -> None:
        """Let an error in a rule cost the statements of a sentence, behind the `known` ones, not the document."""
        if isinstance(error, MemoryError):
            raise error
        del self._found[known:]
        self._failed += 1

    def _read_sentence(self, read: Sequence[Sentence], earlier: Report | None) -> Report | None:
        """Add the statements of the last sentence in `read`; return its last report. `earlier` is that before it."""
        sentence = read[-1]
        last: Report | None = None
        for report in self._reports.find(sentence, read[-2] if len(read) > 1 else None, earlier):
            last = report
            if report.awaits:
                continue
            if report.takes_previous:
                self._take_previous(read[-2], report)
            elif (
                report.rule in _MERGED and earlier and self._found[-1].rule == report.rule and not report.contents[0][0]
            ):
                self._extend(sentence, report)
            else:
                self._add(sentence, report)
        for silent in no_comments(self._text, read, self._pack, partial(self._reports.subject_before, sentence)):
            self._add_no_comment(sentence, silent)
        return last

    def _is_teaser(self, span: Span) -> bool:
        """Return whether a paragraph or sentence points to another article: "READ MORE: What the mayor said"."""
        opening = self._text[span.start : min(span.end, span.start + 29)]
        if ":" not in opening and "|" not in opening and "»" not in opening:  # faster than the pattern
            return False
        found = _TEASER.match(opening)
        return found is not None and fold(found[1].strip()).replace(" ", "-") in self._pack.words["teaser"]

    def unreported(self, findings: Findings) -> Iterator[NoStatement]:
        """Yield what `findings` do not hold though it could have been a statement."""
        yield from super().unreported(findings)
        reader = self._reports
        if isinstance(reader, ClauseReader):
            return
        said = [statement.content for statement in findings.statements]
        starts = [span.start for span in said]
        taken = {statement.cue.start for statement in findings.statements if statement.cue is not None}
        for sentence in self._sentences():
            first = max(0, bisect_left(starts, sentence.span.start) - _NEAR)
            near = said[first : bisect_left(starts, sentence.span.end)]
            yield from unreported_verbs(sentence, self._pack, reader.reasons(sentence), taken, near)

    def readings(self) -> Iterator[ReadSentence]:
        """Yield what the reader sees in sentences with an attribution."""
        found = (explained.read(self._reports, sentence) for sentence in self._sentences())
        yield from filter(None, found)

    def _sentences(self) -> Iterator[Sentence]:
        for number, paragraph in enumerate(self._paragraphs):
            yield from self._reader.sentences(paragraph, number)

    def _add_labeled(self, label: Label) -> None:
        if label.turn is not None and label.turn not in self._turns:
            self._group += 1
            self._turns[label.turn] = self._group
        cue = self._pack.cues.get(fold(label.cue.of(self._text))) if label.cue is not None else None
        self._found.append(
            Statement(
                content=label.content,
                kind=self._kind(label.content),
                cue=label.cue,
                verb=cue.lemma if cue is not None else None,
                attribution=label.name,
                rule="transcript" if label.rule == "question" else label.rule,
                group=self._turns[label.turn] if label.turn is not None else None,
                paragraph=label.paragraph,
                voice=label.voice,
                asks=label.rule == "question" and label.content.of(self._text).rstrip(' "”»“').endswith("?"),
            )
        )

    def _add(self, sentence: Sentence, report: Report) -> None:
        group = None
        if len(report.contents) > 1:
            self._group += 1
            group = self._group
        for first, last in report.contents:
            span = self._content_span(sentence, first, last)
            if span is None or self._is_work(sentence, first, last):
                continue
            if span in [known.content for known in self._found[-_NEAR:]]:
                continue  # "Lind said, “It is old,” Lind said."
            self._record(sentence, Span(span.start + report.elided, span.end), report, group)
            self._used.update(number for number in sentence.quoted[first:last] if number >= 0)

    def _extend(self, sentence: Sentence, report: Report) -> None:
        """Extend the last statement, free indirect speech, by the next sentence of the same report."""
        span = self._content_span(sentence, *report.contents[0])
        if span is not None:
            content = Span(self._found[-1].content.start, span.end)
            self._found[-1] = replace(self._found[-1], content=content, kind=self._kind(content))
            self._used.update(number for number in sentence.quoted[: report.contents[0][1]] if number >= 0)

    def _is_work(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether the tokens are about the title of a work: "in her book “The Old Quay,” Lind writes"."""
        low, at = sentence.low, first
        before = first - 1 - (first > 1 and low[first - 1] == ",")
        if sentence.quoted[first] < 0:  # "later on “Harbor News,” she asked": no clause, and a title at its end
            at, before = last - 1, last - 2
            if before < first or sentence.quoted[at] < 0 or not self._finite.isdisjoint(low[first:last]):
                return False
        words = self._pack.words
        leads = words["work"] | (words["addressing"] if at == first else words["work-preposition"])
        if before < 0 or low[before] not in leads:
            return False
        title = self._quoted[sentence.quoted[at]].inner(self._text).split()
        return all(word[0].isupper() for word in [word for word in title[1:] if len(word) > 3] or title)

    def _add_no_comment(self, sentence: Sentence, report: Report) -> None:
        """Add a refusal to comment, or mark what says nothing else: "Lind said she could not comment"."""
        place = sentence.range(*report.contents[0])
        near = range(max(0, len(self._found) - _NEAR), len(self._found))
        said = [number for number in near if self._found[number].content.overlaps(place)]
        if not said and stands_alone(sentence, report, self._pack):
            self._add(sentence, report)
        for number in said:
            content, verb = self._found[number].content, self._found[number].verb
            if place.covers(content):  # "a refusé de commenter"
                self._found.pop(number)
                self._add(sentence, report)
                break
            if len(said) == 1 and only_refuses(sentence, content, verb, report, self._pack):
                self._found[number] = replace(self._found[number], rule=NO_COMMENT, verb=NO_COMMENT)

    def _add_quoted(self, sentence: Sentence, token: int, report: Report) -> None:
        number = sentence.quoted[token]
        if number in self._used:
            return
        self._used.add(number)
        self._record(sentence, self._quoted[number].span, report)

    def _take_previous(self, sentence: Sentence, report: Report) -> None:
        if sentence.quoted and sentence.quoted[-1] >= 0:
            self._add_quoted(sentence, len(sentence) - 1, report)
        elif report.rule == "taken-up":
            span = self._content_span(sentence, 0, len(sentence))
            if span is not None:
                self._record(sentence, span, report)

    def _record(self, sentence: Sentence, span: Span, report: Report, group: int | None = None) -> None:
        if report.subject is not None and self._is_excluded(report.subject):
            report = replace(report, subject=None, rule="unattributed")
        self._found.append(
            Statement(
                content=span,
                kind=self._kind(span),
                cue=report.cue,
                verb=report.verb or None,
                attribution=report.subject,
                clause=sentence.span,
                rule=report.rule,
                group=group,
                paragraph=sentence.paragraph,
                negated=report.negated,
            )
        )

    def _is_excluded(self, subject: Span) -> bool:
        """Return whether the text says that the subject did not speak: "It was not Lind who said"."""
        at = bisect_left(self._mention_starts, subject.start)
        named = [start for start in self._mention_starts[at : at + 4] if start < subject.end]
        return any(_excludes(self._text[max(0, name - 40) : name], self._pack) for name in named or [subject.start])

    def _content_span(self, sentence: Sentence, first: int, last: int) -> Span | None:
        while first < last and sentence.low[first] in {",", ";", ":", "-", ")"}:
            first += 1
        while last > first and sentence.low[last - 1] in {",", ";", ":", "-", "("}:
            last -= 1
        if first >= last:
            return None
        start, end = sentence.start[first], sentence.end[last - 1]
        for number in {sentence.quoted[first], sentence.quoted[last - 1]} - {-1}:
            start = min(start, self._quoted[number].span.start)
            end = max(end, self._quoted[number].span.end)
        # An abbreviation's own dot belongs to its word.
        if self._text[end : end + 1] == "." and end < sentence.span.end - 1:
            end += 1
        return Span(start, end)

    def _add_uncued(self, read: Sequence[Sentence], before: int) -> None:
        """Add quotations of a paragraph that no cue took, if they are or hold sentences: continuations and speech."""
        quoting = [sentence for sentence in read if sentence.quotes]
        if not quoting:
            return
        cued = sorted(range(before, len(self._found)), key=lambda place: self._found[place].content.end)
        ends = [self._found[place].content.end for place in cued]
        for sentence in quoting:
            for token, number in enumerate(sentence.quoted):
                if number < 0 or number in self._used:
                    continue
                alone = self._is_statement(read, sentence, token)
                if not alone and not self._holds_sentence(self._quoted[number]):
                    continue
                self._used.add(number)
                earlier = bisect_right(ends, self._quoted[number].span.start)
                added = len(self._found)
                end = token + 1 if alone else self._completed(sentence, token) if earlier else token
                if end == token:
                    self._add_unattributed(sentence, token)
                    continue
                group = self._group_of(cued[earlier - 1]) if earlier else None
                if self._add_spoken(read, sentence, token, None if alone else end, group):
                    cued.insert(earlier, added)
                    ends.insert(earlier, self._found[-1].content.end)

    def _add_spoken(
        self, read: Sequence[Sentence], sentence: Sentence, token: int, end: int | None, group: int | None
    ) -> bool:
        """Add a quotation without a cue, with the words up to token `end`; return whether it may be continued."""
        span = self._quoted[sentence.quoted[token]].span
        if end is not None:
            span = self._content_span(sentence, token, end) or span
        people = [name for name in sentence.named[:token] if name is not None and name.kind == "person"]
        introducer = people[0].span if people else None
        # "Lind shared a post by Malt: “No.”": the sentence passes on the words of another.
        hands_on = not self._pack.words["handing"].isdisjoint(sentence.low[:token])
        if hands_on and len({name.entity_id for name in people}) > 1:
            self._record(sentence, span, Report(None, "", None, (), "unattributed"))
            return False
        rule = "introduced" if introducer is not None else "uncued" if group is None else "continued"
        if rule == "uncued" and len(sentence) == len(read) == 1:
            introducer = self._signatures.below(sentence.paragraph + 1)
            spoken = self._found and sentence.paragraph - self._found[-1].paragraph <= 2
            if self._signatures.is_pull_quote(sentence.paragraph):
                return False
            after = "unattributed" if _is_crosshead(self._text, span) else "uncued"
            rule = "signed" if introducer is not None else after if spoken else "isolated"
        self._record(sentence, span, Report(None, "", introducer, (), rule), group)
        return True

    def _add_unattributed(self, sentence: Sentence, token: int) -> None:
        """Add words in marks inside a sentence, with their subject: "the quay “will never be old”"."""
        stretch = self._quoted[sentence.quoted[token]]
        is_verb = fold(stretch.inner(self._text)).split()[0] in self._finite
        subject = self._reports.subject_before(sentence, token) if is_verb else None
        start = stretch.span.start if subject is None else sentence.start[subject[0]]
        self._record(sentence, Span(start, stretch.span.end), Report(None, "", None, (), "unattributed"))

    def _is_statement(self, read: Sequence[Sentence], sentence: Sentence, token: int) -> bool:
        """Return whether a quotation without a cue is a sentence of its own; others set a term or a title apart."""
        stretch = self._quoted[sentence.quoted[token]]
        inner = stretch.inner(self._text)
        if stretch.parts[-1].start > sentence.span.end:
            return False  # its last paragraph may bring the cue
        if token and sentence.low[token - 1] != ":":
            return False
        alone = len(sentence) == 1
        words = fold(inner).split()
        verbal = alone and len(words) >= FEWEST_WORDS and not self._finite.isdisjoint(words)
        # A heading, or a title in a list of sources: “Peace Lily.”
        titled = marks.is_heading(inner) and ((alone and len(read) == 1) or self._finite.isdisjoint(words))
        return (marks.ends_sentence(inner) or verbal) and not titled

    def _completed(self, sentence: Sentence, token: int) -> int:
        """Return where the sentence that a quotation opens ends in words of the writer: "“It is old” for a quay"."""
        low = sentence.low
        if token or sentence.goes_on(token) or not self._finite.isdisjoint(low):
            return token
        return 1 if sentence.is_complete(token) else len(low)

    def _holds_sentence(self, stretch: Quoted) -> bool:
        """Return whether words in marks inside a sentence say something; others are a term, a title or markup."""
        inner, start = stretch.inner(self._text), stretch.span.start
        words = fold(inner).split()
        markup = "<" in inner or self._text[max(0, start - 1) : start] == "="
        if len(words) < 6 or not stretch.closed or len(stretch.parts) > 1 or markup:
            return False
        verbal = not self._finite.isdisjoint(words) or words[0] in self._pack.words["pronoun"]
        return verbal and not marks.is_heading(inner)

    def _group_of(self, place: int) -> int:
        statement = self._found[place]
        if statement.group is not None:
            return statement.group
        self._group += 1
        self._found[place] = replace(statement, group=self._group)
        return self._group


def _excludes(before: str, pack: Pack) -> bool:
    """Return whether the text right before a name says that it did not speak: "it was not ", "nicht"."""
    words = fold_words(before.replace("-", "_").split()[-4:])
    while words and words[-1] in pack.words["article | determiner"]:
        words.pop()
    contracted = bool(words) and words[-1].endswith("n't")
    return contracted or not pack.words["excluding"].isdisjoint(["-".join(words[at:]) for at in range(len(words))])
