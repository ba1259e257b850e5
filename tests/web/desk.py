"""An archive for the pages of histories: invented articles of five outlets, one in two versions, and a watchlist."""

import json
from pathlib import Path
from typing import Any

import pytest

from searchkit.cli import run

_QUOTE = "We shipped forty crates of lenses to the harbour before dawn on Tuesday"
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
ARTICLES: tuple[dict[str, str], ...] = (
    CRANE,
    {
        "uri": "https://wire.example/lenses",
        "outlet": "Atlas Wire",
        "published": "2026-03-05",
        "title": "Lenses leave the harbour",
        "text": f'"{_QUOTE}," Mina Feld, of Meridian Optics, said.',
    },
    {
        "uri": "https://gazette.example/lenses",
        "outlet": "Tolvik Gazette",
        "published": "2026-03-06",
        "title": "Forty crates",
        "text": f'"{_QUOTE}," Dora Pelling, of Lantern Watch, said.',
    },
    {
        "uri": "https://courier.example/lenses",
        "outlet": "Northgate Courier",
        "published": "2026-03-09",
        "title": "Lenses by night",
        "text": "Mina Feld, of Meridian Optics, said they had "
        '"shipped forty crates of lenses to the harbour before dawn."',
    },
    {
        "uri": "https://record.example/buyer",
        "outlet": "Civic Record",
        "published": "2026-03-10",
        "title": "A buyer in Velmar",
        "text": "The watchdog Lantern Watch accused Meridian Optics of shipping lenses to a blacklisted buyer in "
        "Velmar.\n\n"
        "Meridian Optics denied that it had shipped lenses to a blacklisted buyer in Velmar.\n\n"
        "Kolm Works did not respond to a request for comment from the Civic Record.\n\n"
        "Lantern Watch accused Vantor Freight of hiding two trawlers.",
    },
    {
        "uri": "https://record.example/wall",
        "outlet": "Civic Record",
        "published": "2025-02-10",
        "title": "The wall",
        "text": "Petra Kolm denied that Meridian Optics would close the plant in Tarrow.",
    },
    {
        "uri": "https://record.example/walls",
        "outlet": "Civic Record",
        "published": "2026-03-12",
        "title": "The wall again",
        "text": "Petra Kolm confirmed that Meridian Optics would close the plant in Tarrow.",
    },
)
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
