"""An archive for the pages of histories: invented articles of five outlets, one in two versions, and a watchlist."""

import json
from pathlib import Path
from typing import Any

import pytest

from searchkit.cli import run
from tests.cases import records

PAYLOAD = "<script>document.title='owned'</script><img src=//attacker.example onerror=alert(1)>"
_END = "The crane was built in 1962, and has carried coal, timber and ships' engines ever since."
CRANE = {
    "uri": "https://ledger.example/crane",
    "outlet": "Harbor Ledger",
    "published": "2026-03-04",
    "title": "Council will decide about the crane",
    "text": '"The council will decide about the crane next spring, not before," Torben Ask, the mayor of Tolvik, '
    "said.\n\n"
    f'"No engineer has found a crack in the old harbour crane," Torben Ask said on Tuesday.\n\n{_END}',
}
SOFTER = CRANE | {
    "title": "Council may decide about the crane",
    "text": '"The council may decide about the crane next spring, not before," Torben Ask, the mayor of Tolvik, '
    f"said.\n\n{_END}",
}
ARTICLES: tuple[dict[str, str], ...] = (CRANE, *records(__file__, "desk.jsonl"))
_HOSTILE = {
    "uri": "https://hostile.example/a",
    "outlet": PAYLOAD,
    "published": "2026-03-04",
    "title": f"\u202e{PAYLOAD}",
    "text": f'"The council {PAYLOAD} will decide about the crane next year," Torben Ask, the mayor of Tolvik, said.',
}
HOSTILE = (_HOSTILE, _HOSTILE | {"uri": "https://hostile.example/b", "outlet": f"b{PAYLOAD}"})
HOSTILE_LATER = ({**_HOSTILE, "text": _HOSTILE["text"].replace("will", "may")}, HOSTILE[1])
WATCHLIST = "id,name,aliases,weak_aliases,kind,topics\n" + "".join(
    f"EX-{number},{name},,,company,\n"
    for number, name in enumerate(("Kolm Works", "Vantor Freight", "Meridian Optics", "Ostwind Energy"))
)


def build(folder: Path, *, hostile: bool = True) -> Path:
    """Make the archive below a folder, with or without articles that attack readers; return it."""
    archive = folder / "desk"
    folder.mkdir(exist_ok=True)
    (folder / "exporters.csv").write_text(WATCHLIST)
    index(archive, folder, ARTICLES, HOSTILE if hostile else ())
    _run(archive, "watchlist", "add", str(folder / "exporters.csv"), "--name", "exporters")
    index(archive, folder, (SOFTER, *ARTICLES[1:]), HOSTILE_LATER if hostile else ())
    _run(archive, "index", "-q", "--outdated")
    return archive


def index(archive: Path, folder: Path, *groups: tuple[dict[str, Any], ...]) -> None:
    """Write articles to the file of the folder, and index it."""
    lines = [json.dumps(article) for group in groups for article in group]
    (folder / "desk.jsonl").write_text("\n".join(lines) + "\n")
    _run(archive, "index", "-q", "--workers", "1", str(folder / "desk.jsonl"))


def _run(archive: Path, *arguments: str) -> None:
    with pytest.raises(SystemExit) as left:
        run(["--archive", str(archive), *arguments])
    assert left.value.code == 0
