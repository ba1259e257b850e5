"""Claims and the answers to them, kept as documents come and go.

Links within a document follow from that document. An answer in another article meets the claim that fits it best, so
its link is computed again when a claim comes or goes that it may meet.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from msgspec import json

from searchkit.histories.base import Dispute
from searchkit.histories.disputes import read
from searchkit.histories.elsewhere import LONGEST_GAP_DAYS, Answer, Claim, answered
from searchkit.histories.failures import FailedViews
from searchkit.statements.document import Document
from searchkit.store.connection import Connection


class ClaimsTable:
    """The claims and answers of documents, and the links between them. Changes are pending until the next commit."""

    def __init__(self, connection: Connection, failed: FailedViews) -> None:
        self._connection = connection
        self._failed = failed
        self._dirty_answers: set[int] = set()
        self._touched: set[str] = set()

    # --- writing -----------------------------------------------------------------------------------------------------

    def put(self, document_id: str, document: Document | None, *, is_new: bool) -> None:
        """Add or replace the claims and answers of a document, or remove them if it is None; `is_new`: it has none."""
        if not is_new:
            self._drop(document_id)
        if document is None:
            return
        found = self._failed.attempt(partial(read, document), None, of=document_id, view="disputes")
        if found is None:
            return
        self._insert_links(found.links)
        for claim in found.claims:
            self._add("claim", document_id, claim, claim.day, claim.targets)
            self._dirty_answers.update(self._meeting("answer", claim.targets, claim.day, 0, LONGEST_GAP_DAYS))
        for answer in found.answers:
            self._dirty_answers.add(self._add("answer", document_id, answer, answer.day, answer.parties))

    def relink(self) -> set[str]:
        """Compute the links of all answers that changed, or that may meet a claim that changed, since the last call;
        return the documents about whose statements other documents say something new."""
        for number in sorted(self._dirty_answers):
            stored = self._connection.scalar("SELECT answer FROM answers WHERE id = ?", number)
            if stored is None:
                continue
            answer = json.decode(stored, type=Answer)
            met = self._meeting("claim", answer.parties, answer.day, -LONGEST_GAP_DAYS, 0)
            claims = [self._connection.scalar("SELECT claim FROM claims WHERE id = ?", claim) for claim in sorted(met)]
            best = partial(answered, [json.decode(claim, type=Claim) for claim in claims], answer)
            place = answer.place
            link = self._failed.attempt(best, None, of=place.document, view="answer", statement=place.statement or "")
            before = self._weak_links(answer)
            if before != ([] if link is None else [link]):
                self._delete_links(before)
                self._insert_links([link] if link is not None else [])
                self._touched.update(old.claim.document for old in before)
                self._touched.update([link.claim.document] if link is not None else [])
        touched, self._dirty_answers, self._touched = self._touched, set(), set()
        return touched

    def _drop(self, document_id: str) -> None:
        gone: list[Dispute] = []
        for column in ("document", "other"):
            found = f"SELECT link FROM disputes WHERE {column} = ?"  # noqa: S608 - ours
            gone += [json.decode(link, type=Dispute) for link in self._connection.column(found, document_id)]
        self._touched.update(link.claim.document for link in gone if link.claim.document != document_id)
        # An answer elsewhere may meet another claim now.
        for link in gone:
            if link.answer.document != document_id:
                self._dirty_answers.update(
                    self._connection.column("SELECT id FROM answers WHERE document = ?", link.answer.document)
                )
        self._delete_links(gone)
        for table in ("claim", "answer"):
            for number in self._connection.column(f"SELECT id FROM {table}s WHERE document = ?", document_id):  # noqa: S608 - ours
                self._connection.execute(f"DELETE FROM {table}_keys WHERE id = ?", number)  # noqa: S608 - ours
            self._connection.execute(f"DELETE FROM {table}s WHERE document = ?", document_id)  # noqa: S608 - ours

    def _add(self, table: str, document: str, value: Claim | Answer, day: date | None, keys: Iterable[str]) -> int:
        number = self._connection.insert_row(
            f"INSERT INTO {table}s (document, {table}) VALUES (?, ?)",  # noqa: S608 - ours
            *(document, json.encode(value)),
        )
        if day is not None:
            self._connection.execute_many(
                f"INSERT INTO {table}_keys (key, day, id) VALUES (?, ?, ?)",  # noqa: S608 - ours
                [(key, day.toordinal(), number) for key in sorted(keys)],
            )
        return number

    def _meeting(self, table: str, keys: Iterable[str], day: date | None, first: int, last: int) -> set[int]:
        """Return the claims or answers that have one of these keys, from the `first` to the `last` day around a day."""
        if day is None:
            return set()
        found = f"SELECT id FROM {table}_keys WHERE key = ? AND day BETWEEN ? AND ?"  # noqa: S608 - ours
        place = day.toordinal()
        return {number for key in keys for number in self._connection.column(found, key, place + first, place + last)}

    def _weak_links(self, answer: Answer) -> list[Dispute]:
        found = self._connection.column(
            "SELECT link FROM disputes WHERE other = ? AND strength = 'weak'", answer.place.document
        )
        links = [json.decode(link, type=Dispute) for link in found]
        return [link for link in links if link.answer == answer.place]

    def _insert_links(self, links: Iterable[Dispute]) -> None:
        self._connection.execute_many(
            "INSERT OR REPLACE INTO disputes (document, other, claim, answer, strength, link) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    link.claim.document,
                    link.answer.document,
                    f"{link.claim.statement or ''}@{link.claim.span.start}",
                    f"{link.answer.statement or ''}@{link.answer.span.start}",
                    link.strength,
                    json.encode(link),
                )
                for link in links
            ],
        )

    def _delete_links(self, links: Iterable[Dispute]) -> None:
        self._connection.execute_many(
            "DELETE FROM disputes WHERE document = ? AND other = ? AND link = ?",
            [(link.claim.document, link.answer.document, json.encode(link)) for link in links],
        )

    # --- reading -----------------------------------------------------------------------------------------------------

    def links_of(self, document: str) -> Iterator[Dispute]:
        """Yield the links of the claims in a document, then those of its answers to claims elsewhere."""
        for condition in ("document = ?", "other = ? AND document <> other"):
            for link in self._connection.column(
                f"SELECT link FROM disputes WHERE {condition} ORDER BY document, other, claim, answer",  # noqa: S608 - ours
                document,
            ):
                yield json.decode(link, type=Dispute)
