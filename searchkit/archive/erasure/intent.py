"""What is being forgotten, written down before anything is removed, so that a run that was killed can be finished.

forgetting.json     ids, addresses and traces of what leaves; removed when all else is done
"""

from pathlib import Path
from typing import Any

from searchkit.archive.erasure.atomic_file import damaged, read_kept, sync_folder, write_kept
from searchkit.archive.erasure.plan import Leaving, Plan
from searchkit.archive.erasure.traces import KINDS, Trace
from searchkit.archive.folder import FORGETTING, folder_error

INTENT_VERSION = 1
_NAME = "searchkit_forgetting"


def write_intent(folder: Path, plan: Plan) -> None:
    """Write down what is to be done. Errors as `write_kept`."""
    write_kept(
        folder / FORGETTING,
        {
            _NAME: INTENT_VERSION,
            "leaving": [{"id": one.id, "addresses": one.addresses, "title": one.title} for one in plan.leaving],
            "traces": [[trace.kind, trace.document, trace.text] for trace in plan.traces],
            "named_by": [[trace.kind, trace.document, trace.text, ids] for trace, ids in plan.named_by.items()],
            "digests": plan.digests,
            "longer": plan.longer,
            "words": list(plan.words.items()),
        },
    )


def read_intent(folder: Path) -> Plan | None:
    """What an earlier run was to do and has not finished; None when there is nothing of that kind. Errors as
    `read_kept`."""
    content = read_kept(folder / FORGETTING, _NAME, INTENT_VERSION)
    if content is None:
        return None
    try:
        return Plan(
            leaving=tuple(
                Leaving(id=str(one["id"]), addresses=tuple(map(str, one["addresses"])), title=str(one["title"]))
                for one in content["leaving"]
            ),
            traces=tuple(_trace(*written) for written in content["traces"]),
            named_by={_trace(*written): tuple(map(str, ids)) for *written, ids in content["named_by"]},
            digests=tuple(map(str, content["digests"])),
            longer=tuple(map(str, content["longer"])),
            words={str(word): str(document) for word, document in content.get("words", ())},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / FORGETTING) from error


def remove_intent(folder: Path) -> None:
    """All is done. ArchiveError when the file cannot be removed."""
    try:
        (folder / FORGETTING).unlink(missing_ok=True)
        sync_folder(folder)
    except OSError as error:
        raise folder_error(folder, error) from error


def _trace(kind: Any, document: Any, text: Any) -> Trace:
    if kind not in KINDS:
        raise ValueError(kind)
    return Trace(kind=kind, document=str(document), text=str(text))
