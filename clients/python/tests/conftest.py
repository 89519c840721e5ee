"""A hub, and a way to it that can be cut."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from typing import Callable, Iterator, List, TypeVar
from urllib.parse import urlsplit

import pytest

from channelstream_client import Hub

URL = os.environ.get("CHANNELSTREAM_URL", "http://127.0.0.1:8000")
SECRET = os.environ.get("CHANNELSTREAM_SECRET", "secret")
T = TypeVar("T")


def unique(name: str) -> str:
    return "%s-%s" % (name, uuid.uuid4().hex[:8])


def eventually(look: Callable[[], T], seconds: float = 10.0) -> T:
    """Waits until `look` returns something that counts as true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, "did not happen within %g seconds" % seconds
        time.sleep(0.02)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(URL, SECRET) as found:
        yield found


class Way:
    """A proxy before the hub, for one connection after another. `state`: open, closed, or no websockets."""

    def __init__(self) -> None:
        self.state = "open"
        self.requests: List[str] = []
        self._sockets: List[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._sockets.append(client)
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        if self.state == "closed":
            client.close()
            return
        try:
            head = client.recv(65536)
            self.requests.append(head.decode("latin-1").split("\r\n")[0])
            if self.state == "no websockets" and head.startswith(b"GET /ws"):
                client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                client.close()
                return
            parts = urlsplit(URL)
            server = socket.create_connection((parts.hostname or "", parts.port or 80))
            self._sockets.append(server)
            server.sendall(head)
            threading.Thread(target=self._copy, args=(server, client), daemon=True).start()
            self._copy(client, server)
        except OSError:
            client.close()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self) -> None:
        """All connections are lost, without a close frame."""
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def stop(self) -> None:
        self._server.close()
        self.cut()


@pytest.fixture
def way() -> Iterator[Way]:
    found = Way()
    yield found
    found.stop()
