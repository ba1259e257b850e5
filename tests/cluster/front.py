"""A server with TLS and passwords in front of a node, which has neither in the tests."""

import base64
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER, PASSWORD = "desk", "right-password"  # of a server that lives for one test


class Front:
    """Passes requests with the right password on to `node`. `certificate` is its own authority."""

    def __init__(self, node: str, folder: Path) -> None:
        self.certificate, key = folder / "front.pem", folder / "front.key"
        options = "-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
        files = ["-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run(["openssl", "req", *options.split(), *files], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(node))
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that refuse the certificate
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()


def _handler(node: str) -> type[BaseHTTPRequestHandler]:
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != wanted:
                return self._answer(401, b"Unauthorized")
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(node + self.path, body or None, headers, method=self.command)  # noqa: S310
            try:
                with urllib.request.urlopen(request) as answer:  # noqa: S310
                    return self._answer(answer.status, answer.read())
            except urllib.error.HTTPError as error:
                return self._answer(error.code, error.read())

        do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815  # the names that http.server calls

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Write no log."""

    return Handler
