"""HTTP/1.1 as bytes: requests are written, responses are read as they come. No socket is known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Mapping, Optional, Tuple

from .errors import NetworkError

_LARGEST_HEAD = 64 * 1024


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes


def encode_request(method: str, target: str, headers: Mapping[str, str], body: Optional[bytes] = None) -> bytes:
    lines = ["%s %s HTTP/1.1" % (method, target)]
    lines += ["%s: %s" % (name, value) for name, value in headers.items()]
    if body is not None:
        lines.append("Content-Length: %d" % len(body))
    if any(mark in line for line in lines for mark in "\r\n"):
        raise ValueError("a header holds a line break")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


class ResponseReader:
    """Reads one response. What comes behind it is kept in `rest`."""

    def __init__(self, limit: int) -> None:
        self.rest = b""
        self.keeps_alive = False
        self._limit = limit
        self._head: Optional[Tuple[int, Dict[str, str]]] = None
        self._buffer = bytearray()
        self._chunks = bytearray()

    @property
    def has_begun(self) -> bool:
        return self._head is not None or bool(self._buffer)

    def feed(self, data: bytes) -> Optional[Response]:
        """Takes bytes, none at the stream's end; the response when it is whole."""
        self._buffer += data
        while self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if not data or len(self._buffer) > _LARGEST_HEAD:
                    raise NetworkError("the connection ended without an answer", sent=True)
                return None
            head = self._read_head(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
            # 100 and its kind announce the answer; 101 is one.
            if head[0] >= 200 or head[0] == 101:
                self._head = head
        return self._read_body(self._head, ended=not data)

    def _read_head(self, head: bytes) -> Tuple[int, Dict[str, str]]:
        first, *lines = head.decode("latin-1").split("\r\n")
        parts = first.split(" ", 2)
        if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
            raise NetworkError("this is no HTTP: %r" % first[:80], sent=True)
        headers: Dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        self.keeps_alive = parts[0] == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        return int(parts[1]), headers

    def _read_body(self, head: Tuple[int, Dict[str, str]], ended: bool) -> Optional[Response]:
        status, headers = head
        body: Optional[bytes] = None
        if status in (101, 204, 304):
            body = b""
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._read_chunks()
        elif "content-length" in headers:
            length = self._length(headers["content-length"], 10)
            if len(self._buffer) >= length:
                body = bytes(self._buffer[:length])
                del self._buffer[:length]
        elif ended:
            body = bytes(self._buffer)
            self._buffer.clear()
            self.keeps_alive = False
        if len(self._buffer) + len(self._chunks) > self._limit and body is None:
            raise NetworkError("the answer is larger than %d bytes" % self._limit, sent=True)
        if body is None:
            if ended:
                raise NetworkError("the answer is cut off", sent=True)
            return None
        self.rest = bytes(self._buffer)
        return Response(status, headers, body)

    def _read_chunks(self) -> Optional[bytes]:
        while True:
            line = self._buffer.find(b"\r\n")
            if line < 0:
                return None
            size = self._length(self._buffer[:line].split(b";")[0].decode("latin-1").strip(), 16)
            if size == 0:
                # Behind the last chunk may stand trailers, and then an empty line.
                end = self._buffer.find(b"\r\n\r\n", line)
                if end < 0:
                    return None
                del self._buffer[: end + 4]
                return bytes(self._chunks)
            if len(self._buffer) < line + 2 + size + 2:
                return None
            self._chunks += self._buffer[line + 2 : line + 2 + size]
            del self._buffer[: line + 2 + size + 2]

    @staticmethod
    def _length(text: str, base: int) -> int:
        try:
            length = int(text, base)
        except ValueError:
            length = -1
        if length < 0:
            raise NetworkError("this is no length: %r" % text[:40], sent=True)
        return length
