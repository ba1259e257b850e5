"""Recoll: a search for the desktop. It indexes files, so each record becomes one; it has no facets."""

import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from html import escape
from pathlib import Path
from typing import Any

from recoll import recoll

from benchmark.questions import Question
from benchmark.rivals.base import Counted, Found, Record


class Recoll:
    """A Rival."""

    def __init__(self, folder: Path) -> None:
        self._files, self._settings = folder / "files", folder / "settings"
        for made in (self._files, self._settings):
            made.mkdir(parents=True, exist_ok=True)
        settings = {"topdirs": self._files.resolve(), "indexstemminglanguages": "english", "noaspell": 1, "loglevel": 1}
        written = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self._settings / "recoll.conf").write_text(written)
        self._database: Any = None

    def add(self, records: Sequence[Record]) -> None:
        for record in records:
            path = self._files / f"{record['id']}.html"
            path.write_text(
                f"<html><head><title>{escape(record['title'])}</title></head><body>{escape(record['body'])}</body></html>"
            )
            if record["day"]:
                at = datetime.combine(date.fromordinal(record["day"]), time(12), UTC).timestamp()
                os.utime(path, (at, at))

    def commit(self) -> None:
        subprocess.run(["recollindex", "-c", self._settings], check=True, stderr=subprocess.DEVNULL)

    def find(self, question: Question) -> Found:
        if self._database is None:
            self._database = recoll.connect(confdir=str(self._settings))
        query = self._database.query()
        total = query.execute(self._query(question), stemming=1)
        found = query.fetchmany(min(10, total)) if total else []
        return Found(
            total=total,
            ids=tuple(Path(document.url).stem for document in found),
            snippets=tuple(query.makedocabstract(document) for document in found),
        )

    def count(self, question: Question) -> Counted:
        raise NotImplementedError("Recoll has no facets.")

    def _query(self, question: Question) -> str:
        words = " ".join(question.words)
        query = {"all": words, "any": " OR ".join(question.words), "phrase": f'"{words}"', "prefix": f"{words}*"}[
            question.form
        ]
        if question.days:
            first, last = (date.fromordinal(day).isoformat() for day in question.days)
            query += f" date:{first}/{last}"
        return query

    def close(self) -> None:
        self._database = None
