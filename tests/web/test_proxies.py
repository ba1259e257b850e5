"""The recipes of docs/server.md for nginx and Caddy, with these programs where they are installed."""

import base64
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from searchkit.web.rules import LOOPBACK, Rules
from searchkit.web.site import create_site
from searchkit.web.worker import Worker, listen
from tests.web.threads import in_thread
from tests.web.trouble import make_app

pytestmark = pytest.mark.slow
RECIPES = (Path(__file__).resolve().parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
NAME = "news.your-desk.example"


def recipe(language: str) -> str:
    """Return the block of the documentation in a language."""
    found = re.search(rf"```{language}\n(.*?)```", RECIPES, re.DOTALL)
    assert found
    return found[1]


def free_port() -> int:
    with listen("127.0.0.1", 0) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def behind() -> Iterator[int]:
    """Return the port of a server whose users a proxy at 127.0.0.1 names; editors are called anna."""
    rules = Rules(
        hosts=LOOPBACK | {NAME},
        proxies=("127.0.0.1",),
        user_header="x-forwarded-user",
        readers=("*",),
        editors=("anna",),
    )
    with listen("127.0.0.1", 0) as listening:
        workers = [Worker(make_app)]
        thread, server = in_thread(create_site(["one"], rules, make_app, workers, seconds=10), listening, rules)
        yield int(listening.getsockname()[1])
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a certificate and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    pem, key = tmp_path / "news.pem", tmp_path / "news.key"
    subject = ("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    subprocess.run([*made, "-out", pem, "-keyout", key], check=True, capture_output=True)
    return pem, key


def nginx(folder: Path, behind: int, port: int, certificate: tuple[Path, Path]) -> list[str]:
    """Write the configuration of nginx; return the command."""
    (folder / "users").write_text("anna:{PLAIN}secret\nben:{PLAIN}secret\n")
    folder.chmod(0o755)
    server = (
        recipe("nginx")
        .replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        .replace("/etc/ssl/news.pem", str(certificate[0]))
        .replace("/etc/ssl/news.key", str(certificate[1]))
        .replace("/etc/nginx/news.users", str(folder / "users"))
        .replace("127.0.0.1:8650", f"127.0.0.1:{behind}")
    )
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors; user root; worker_processes 1;"
        f"events {{}} http {{ access_log off; {places} {server} }}"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]


def caddy(folder: Path, behind: int, port: int, certificate: tuple[Path, Path]) -> list[str]:
    """Write the configuration of Caddy; return the command."""
    hashed = subprocess.run(
        ["caddy", "hash-password", "--plaintext", "secret"], check=True, capture_output=True, text=True
    ).stdout.strip()
    site = (
        recipe("caddy")
        .replace(
            f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate[0]} {certificate[1]}", 1
        )
        .replace("anna $2a$14$HASH", f"anna {hashed}\n\t\tben {hashed}")
        .replace("127.0.0.1:8650", f"127.0.0.1:{behind}")
    )
    version = subprocess.run(["caddy", "version"], check=True, capture_output=True, text=True).stdout.lstrip("v")
    if tuple(map(int, version.split(".")[:2])) < (2, 8):
        site = site.replace("basic_auth", "basicauth")
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.mark.parametrize(("program", "configure"), [("nginx", nginx), ("caddy", caddy)])
def test_a_proxy_names_the_user(
    program: str,
    configure: Callable[[Path, int, int, tuple[Path, Path]], list[str]],
    tmp_path: Path,
    behind: int,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        command = configure(tmp_path, behind, port, certificate)
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(port, tmp_path / "log")
            _ask_through(port)
        finally:
            running.terminate()
            running.wait(20)
    _ask_past_it(behind)


def _wait_for(port: int, log: Path) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def _ask_through(port: int) -> None:
    context = ssl._create_unverified_context()  # noqa: S323 - the certificate is that of this test

    def ask(user: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        login = base64.b64encode(f"{user}:secret".encode()).decode()
        sent = {"Host": f"{NAME}:{port}", "Authorization": f"Basic {login}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        # The name is that of the certificate, too: Caddy chooses the site by it.
        connection = HTTPSConnection(NAME, port, context=context, timeout=20)
        connection.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), timeout=20), server_hostname=NAME
        )
        with closing(connection):
            connection.request(method, "/headers", headers=sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    status, seen = ask("ben")
    assert status == 200
    assert "x-forwarded-user" not in seen
    assert "authorization" not in seen
    assert ask("ben", "POST")[0] == 403
    assert ask("anna", "POST")[0] == 200
    assert ask("anna", "POST", Origin=f"https://{NAME}:{port}")[0] == 200
    assert ask("anna", "POST", Origin="https://evil.example")[0] == 403
    # What a visitor sends is replaced, in every spelling.
    for header in ("X-Forwarded-User", "x-forwarded-user", "X_Forwarded_User"):
        assert ask("ben", "POST", **{header: "anna"})[0] == 403
    assert ask("", X_Forwarded_User="anna")[0] == 401


def _ask_past_it(port: int) -> None:
    for address, status in (("127.0.0.2", 401), ("127.0.0.1", 200)):
        with closing(HTTPConnection("127.0.0.1", port, source_address=(address, 0), timeout=20)) as connection:
            connection.request("POST", "/headers", headers={"X-Forwarded-User": "anna", "X-Forwarded-For": "127.0.0.1"})
            assert connection.getresponse().status == status
