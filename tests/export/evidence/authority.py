"""A time-stamp authority on 127.0.0.1, made with the program openssl, that can also misbehave."""

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Self

_CONFIG = Path(__file__).with_suffix(".cnf").read_text(encoding="utf-8")
POLICY = "1.2.3.4"
_LONG = ("20200101000000Z", "20990101000000Z")
_CERTIFICATES = {  # name: issuer, kind, first and last day
    "stamps": ("root", "stamps", _LONG),
    "expired": ("root", "stamps", ("20200101000000Z", "20200201000000Z")),
    "early": ("root", "stamps", ("20980101000000Z", "20990101000000Z")),
    "pages": ("root", "pages", _LONG),
    "foreign": ("other", "stamps", _LONG),
}


class TimestampAuthority:
    """Answers requests at `url(NAME)`: `stamps` as it should, others as `_answers` says. `root` is the certificate that
    a user trusts, and `seen` are the requests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "root.pem"
        self.seen: list[tuple[str, bytes, dict[str, str]]] = []
        self._make()
        self._answers: dict[str, Callable[[bytes], bytes]] = {
            **{name: lambda request, name=name: self.reply(request, name) for name in _CERTIFICATES if name != "pages"},  # type: ignore[misc]
            "pages": self._signed_for_pages,
            "policy": lambda request: self.reply(request, "stamps", "-tspolicy", "1.2.3.5"),
            "other-hash": lambda _: self.reply(self.query(b"another file\n"), "stamps"),
            "other-nonce": lambda _: self.reply(self.query(self.about), "stamps"),
            "garbage": lambda _: b"<html>not a time stamp</html>",
            "empty": lambda _: b"",
            "cut": lambda request: self.reply(request, "stamps")[:-20],
            "refusal": lambda _: self.reply(b"not a request", "stamps"),
            "large": lambda _: b"0" * 1_000_000,
            "slow": self._slow,
        }
        # The bytes that `other-nonce` stamps.
        self.about = b""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, name: str = "stamps") -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{name}"

    def query(self, data: bytes) -> bytes:
        """Return a request for the stamp of some bytes."""
        with TemporaryDirectory() as folder:
            (Path(folder) / "data").write_bytes(data)
            self._openssl("ts", "-query", "-data", f"{folder}/data", "-sha256", "-cert", "-out", f"{folder}/q")
            return (Path(folder) / "q").read_bytes()

    def reply(self, request: bytes, name: str, *options: str) -> bytes:
        """Return the answer to a request, signed with the certificate of this name."""
        with TemporaryDirectory() as folder:
            (Path(folder) / "q").write_bytes(request)
            files = ("-queryfile", f"{folder}/q", "-inkey", "key.pem", "-signer", f"{name}.pem", "-out", f"{folder}/r")
            self._openssl("ts", "-reply", "-config", "openssl.cnf", *files, "-chain", "chain.pem", *options)
            return (Path(folder) / "r").read_bytes()

    def _signed_for_pages(self, request: bytes) -> bytes:
        """Sign the content of a stamp with a certificate that is not for stamps, which `ts -reply` refuses."""
        answer = self.reply(request, "stamps")
        with TemporaryDirectory() as folder:
            (Path(folder) / "r").write_bytes(answer)
            self._openssl("ts", "-reply", "-in", f"{folder}/r", "-token_out", "-out", f"{folder}/t")
            token = ("-inform", "DER", "-in", f"{folder}/t", "-out", f"{folder}/content")
            self._openssl("cms", "-verify", "-noverify", *token)
            kind = ("-econtent_type", "1.2.840.113549.1.9.16.1.4", "-nodetach", "-binary", "-cades", "-md", "sha256")
            files = ("-in", f"{folder}/content", "-signer", "pages.pem", "-inkey", "key.pem", "-out", f"{folder}/s")
            self._openssl("cms", "-sign", *kind, *files, "-outform", "DER")
            content = b"\x30\x03\x02\x01\x00" + (Path(folder) / "s").read_bytes()
            return b"\x30\x82" + len(content).to_bytes(2, "big") + content

    def _slow(self, request: bytes) -> bytes:
        time.sleep(1)
        return self.reply(request, "stamps")

    def _make(self) -> None:
        (self._folder / "openssl.cnf").write_text(_CONFIG)
        (self._folder / "index.txt").write_text("")
        (self._folder / "serial").write_text("01\n")
        for name in ("key", "root-key", "other-key"):
            self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.pem")
        for name in ("root", "other"):
            subject = ("-subj", f"/CN=Velmar {name}", "-days", "9999", "-extensions", "root", "-config", "openssl.cnf")
            self._openssl("req", "-x509", "-new", "-key", f"{name}-key.pem", "-out", f"{name}.pem", *subject)
        (self._folder / "chain.pem").write_bytes(self.root.read_bytes())
        for name, (issuer, kind, days) in _CERTIFICATES.items():
            self._certify(name, issuer, kind, days)

    def certify(self, name: str, *, seconds: int) -> None:
        """Answer at `name` with a certificate that expires soon."""
        now = datetime.now(UTC)
        self._certify(name, "root", "stamps", (_LONG[0], f"{now + timedelta(seconds=seconds):%Y%m%d%H%M%SZ}"))
        self._answers[name] = lambda request: self.reply(request, name)

    def _certify(self, name: str, issuer: str, kind: str, days: tuple[str, str]) -> None:
        subject = ("-subj", f"/CN=Velmar Time {name}", "-config", "openssl.cnf")
        self._openssl("req", "-new", "-key", "key.pem", "-out", "request.pem", *subject)
        issuing = ("-cert", f"{issuer}.pem", "-keyfile", f"{issuer}-key.pem", "-extensions", kind, "-notext")
        valid = ("-startdate", days[0], "-enddate", days[1], "-in", "request.pem", "-out", f"{name}.pem")
        self._openssl("ca", "-batch", "-config", "openssl.cnf", *issuing, *valid)

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], check=False, cwd=self._folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["Content-Length"]))
                name = self.path.removeprefix("/")
                authority.seen.append((name, request, {key.lower(): value for key, value in self.headers.items()}))
                if name.isdigit():
                    self._send(int(name), b"no")
                elif answer := authority._answers.get(name):
                    self._send(200, answer(request))

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                if 300 <= status < 400:
                    self.send_header("Location", "/stamps")
                with suppress(ConnectionError):  # of a client that stopped waiting or reads no more
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
                """Print nothing."""

        return Handler
