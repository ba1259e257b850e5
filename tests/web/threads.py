"""A web server in a thread of this process."""

import socket
import threading

from starlette.types import ASGIApp

from searchkit.web.rules import Rules
from searchkit.web.server import Server, configured


def in_thread(app: ASGIApp, listening: socket.socket, rules: Rules | None = None) -> tuple[threading.Thread, Server]:
    """Run a server that answers when this returns; it ends when its `should_exit` is set."""
    ready = threading.Event()
    made = Server(configured(app, rules or Rules()), ready.set)
    thread = threading.Thread(target=made.run, args=([listening],), daemon=True)
    thread.start()
    assert ready.wait(20)
    return thread, made
