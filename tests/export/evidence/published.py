"""An archive with pages of a local site and a file, and evidence about all of it."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from searchkit.archive import Archive
from searchkit.export.evidence.form import STATEMENT, CustodyEntry, CustodyLog, EvidenceEnd
from searchkit.export.evidence.wacz import PACKAGE, PACKAGE_DIGEST, write_wacz
from searchkit.export.evidence.writing import EvidenceWriter
from searchkit.statements.document import Document
from searchkit.statements.text import safe_json
from tests.archive.taken import NOW, TEXT, selected, take
from tests.crawl.web.site import Site
from tests.test_update import after, given

FERRIES = (
    "The ferries of Velmar were late again.\n\n"
    '"We counted the passengers twice before we closed the ramp," said Olga Brandt, a spokesperson for the port.\n\n'
    "Ivan Roth, a ferry worker, said that the ramp had been open all night."
)
FILE = "file:///srv/articles/sacks.txt"


def publish(archive: Archive, site: Site) -> None:
    """Crawl two pages, and add a document from a file, which has no capture."""
    site.page("/cranes.txt?token=4711", f"Cranes stand still\n\n{TEXT}\n", media_type="text/plain; charset=utf-8")
    site.page(
        "/ferries.txt",
        f"Ferries are late\n\n{FERRIES}\n",
        media_type="text/plain; charset=utf-8",
        headers={"Set-Cookie": "sid=4711"},
    )
    report = after(0, archive, given(site, "/cranes.txt?token=4711", "/ferries.txt"))
    assert report.counts["added"] == 2, report.failed
    take(archive, f"{TEXT.replace('crates', 'sacks')} The rest of the day was quiet in all of the harbor.", uri=FILE)


def exported(archive: Archive, folder: Path, *, name: str = "e", authority: str = "") -> tuple[Path, list[str]]:
    """Write evidence about everything, with a WACZ file next to it; the file, and its lines."""

    def captures(documents: Iterable[Document]) -> Any:
        made_at = NOW + timedelta(days=1)
        return write_wacz(
            folder / f"{name}.wacz",
            f"{name}.wacz",
            documents,
            archive=archive.folder,
            made_at=made_at,
            query="* --copies",
        )

    writer = EvidenceWriter(
        selected(archive, copies=True),
        archive=archive,
        query="* --copies",
        made_at=NOW + timedelta(days=1),
        captures=captures,
        timestamp=authority,
    )
    lines = list(writer.lines())
    file = folder / f"{name}.evidence"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file, lines


def resealed(lines: Iterable[str]) -> list[str]:
    """Return the lines of a file with a new log and a new seal, as a forger who knows the format would make them."""
    first, *rest = (
        line for line in lines if '"searchkit.evidence-end/' not in line and "evidence-timestamp" not in line
    )
    values = [json.loads(line) for line in rest]
    log = CustodyLog(first.encode())
    for line, value in zip(rest, values, strict=True):
        if value["schema"] == STATEMENT:
            log.add_statement(value.get("document", ""), value.get("revision", 1), line.encode())
    made = [first]
    for line, value in zip(rest, values, strict=True):
        if value.get("event") == "exported" and value["document"] in dict(log.revisions()):
            made.append(log.line(log.export(value["document"], at=value["at"], by=value["by"])))
        elif "event" in value:
            known = {name: value[name] for name in CustodyEntry.__struct_fields__}
            made.append(log.line(CustodyEntry(**known)))
        else:
            made.append(line)
    digest = hashlib.sha256("".join(f"{line}\n" for line in made).encode()).hexdigest()
    end = EvidenceEnd(statements=log.statements, entries=log.count, custody=log.last, sha256=digest)
    return [*made, safe_json(end)]


def repacked(file: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Change the members of a WACZ file."""
    with zipfile.ZipFile(file) as package:
        members = {name: package.read(name) for name in package.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)


def rehash(members: dict[str, bytes]) -> None:
    """Make the digests of a WACZ file again, as a forger who knows the format would."""
    manifest = json.loads(members[PACKAGE])
    for resource in manifest["resources"]:
        content = members[resource["path"]]
        resource |= {"hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "bytes": len(content)}
    members[PACKAGE] = f"{safe_json(manifest, indent=2)}\n".encode()
    digest = f"sha256:{hashlib.sha256(members[PACKAGE]).hexdigest()}"
    members[PACKAGE_DIGEST] = f"{safe_json({'path': PACKAGE, 'hash': digest}, indent=2)}\n".encode()
