"""An engine in another interpreter, used over a pipe with a JSON object per line, which measures its own time."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.questions import Question
from benchmark.rivals import python_of
from benchmark.rivals.base import Counted, Found, Record


class Remote:
    """A Rival for reading; `worker serve` is at the other end of the pipe."""

    def __init__(self, key: str, folder: Path) -> None:
        command = [python_of(key), "-m", "benchmark.worker", "serve", key, str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def add(self, records: Sequence[Record]) -> None:
        raise NotImplementedError("A remote engine is filled by `worker build`.")

    def commit(self) -> None:
        raise NotImplementedError("A remote engine is filled by `worker build`.")

    def find(self, question: Question) -> Found:
        given = self._ask("find", question)
        return Found(
            total=given["total"], ids=tuple(given["ids"]), snippets=tuple(given["snippets"]), took=_took(given)
        )

    def count(self, question: Question) -> Counted:
        given = self._ask("count", question)
        return Counted(total=given["total"], ids=tuple(given["ids"]), facets=given["facets"], took=_took(given))

    def _ask(self, what: str, question: Question) -> Any:
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        if pipe_in is None or pipe_out is None:  # for the type checker
            raise BrokenPipeError
        pipe_in.write(json.dumps([what, question.to_json()]) + "\n")
        pipe_in.flush()
        return json.loads(pipe_out.readline())

    def close(self) -> None:
        self._process.communicate()


def _took(given: dict[str, Any]) -> tuple[float, float]:
    wall, cpu = given["took"]
    return wall, cpu
