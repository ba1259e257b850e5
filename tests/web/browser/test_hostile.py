"""Hostile documents in Chromium: no script of theirs runs, and no page asks another host."""

import json
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.web.browser.visit import Visitor
from tests.web.running import serving

_PAYLOAD = "<script>document.title='owned'</script><img src=//attacker.example onerror=alert(1)>\"'></title>"


def test_no_script_of_a_document_or_query_runs(chromium: Any, hostile_archive: Path, tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text(f'archive = "{hostile_archive}"\n')
    with serving(tmp_path) as address:
        listing = f"{address}/documents.json?limit=1000&counts=0&duplicates=1"
        with urllib.request.urlopen(listing) as answer:  # noqa: S310 - our own server
            documents = [hit["id"] for hit in json.load(answer)["items"]]
        visitor = Visitor(chromium, address)
        page = visitor.page()
        page.on("dialog", lambda dialog: visitor.faults.append(f"dialog: {dialog.message}"))
        paths = ["/", "/statements?duplicates=1&limit=100", "/documents?duplicates=1&limit=100", "/names", "/matrix"]
        paths += ["/changes", "/spread?limit=100", "/disputes?limit=100"]
        paths += [f"/documents/{document}" for document in documents]
        queried = ("statements", "documents", "names", "matrix", "changes", "spread", "disputes")
        paths += [f"/{kind}?q={quote(_PAYLOAD)}" for kind in queried]
        paths += [f"/{kind}/{quote(_PAYLOAD, safe='')}" for kind in ("statement", "document", "name", "saved")]
        for path in paths:
            answer = page.goto(address + path)
            assert answer.status < 500, path
            assert page.title() != "owned"
            if "attacker" in path:
                assert page.locator("main img, main script").count() == 0
        visitor.close()
        assert visitor.faults == []
