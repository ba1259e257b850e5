"""A client that openapi-python-client generates from openapi.json, against a running server."""

import importlib
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.web.browser.conftest import unavailable
from tests.web.running import serving

pytestmark = pytest.mark.slow
PACKAGE = "searchkit_client"


def test_a_generated_client_reads_five_answers(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Path(sys.executable).parent / "openapi-python-client"
    if not program.exists():
        unavailable("openapi-python-client is not installed: run scripts/test, or install locks/browser.txt")
    (tmp_path / "searchkit.toml").write_text(f'archive = "{seeded}"\n')
    with serving(tmp_path) as address:
        with urllib.request.urlopen(f"{address}/openapi.json", timeout=30) as answer:  # noqa: S310 - our own server
            (tmp_path / "openapi.json").write_bytes(answer.read())
        made = tmp_path / PACKAGE
        given = ["--path", str(tmp_path / "openapi.json"), "--output-path", str(made), "--meta=none"]
        command = [str(program), "generate", "--fail-on-warning", *given]
        path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}  # of ruff, which formats the client
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | path)
        assert done.returncode == 0, done.stdout + done.stderr
        monkeypatch.syspath_prepend(tmp_path)
        client_type = importlib.import_module(PACKAGE).Client
        with client_type(base_url=f"{address}/api/v1", raise_on_unexpected_status=True) as client:
            _ask(client)


def _ask(client: Any) -> None:
    def called(name: str, *path: str, **parameters: Any) -> Any:
        return importlib.import_module(f"{PACKAGE}.api.default.{name}").sync(*path, client=client, **parameters)

    (hit,) = called("statements", q="speaker:Aske act:deny", limit=1).items
    assert "denied" in hit.statement
    assert called("statements_by_id", hit.id).sentence
    assert called("documents_by_id", hit.document).title
    assert called("names", q="Tiandy", limit=1).items[0].documents > 1
    assert called("disputes", about="Tiandy", limit=1).disputes[0].answerer
    assert "speker" in called("statements", q="speker:x").error
