"""Websockets (RFC 6455) as bytes, from the client's side. No socket is known here."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from dataclasses import dataclass
from typing import Dict, List, Optional, Union

from ._http import Response
from .errors import NetworkError

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10


@dataclass(frozen=True)
class Text:
    data: bytes


@dataclass(frozen=True)
class Ping:
    data: bytes


@dataclass(frozen=True)
class Close:
    code: Optional[int]


Event = Union[Text, Ping, Close]


class Handshake:
    def __init__(self) -> None:
        self.key = base64.b64encode(os.urandom(16))

    @property
    def headers(self) -> Dict[str, str]:
        return {
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": self.key.decode(),
        }

    def check(self, response: Response) -> None:
        """Raises unless a response with 101 is the answer to this handshake."""
        expected = base64.b64encode(hashlib.sha1(self.key + _GUID).digest()).decode()
        if response.headers.get("sec-websocket-accept") != expected:
            raise NetworkError("this is no websocket: Sec-WebSocket-Accept is wrong")


def encode_frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return head + mask + masked


def text_frame(text: str) -> bytes:
    return encode_frame(_TEXT, text.encode())


def pong_frame(payload: bytes) -> bytes:
    return encode_frame(_PONG, payload)


def close_frame(code: int) -> bytes:
    return encode_frame(_CLOSE, struct.pack("!H", code))


class FrameReader:
    """Reads what a server sends."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._message: Optional[bytearray] = None

    def feed(self, data: bytes) -> List[Event]:
        self._buffer += data
        events: List[Event] = []
        while True:
            frame = self._next()
            if frame is None:
                return events
            events.extend(frame)

    def _next(self) -> Optional[List[Event]]:
        """The events of the next whole frame, of which most have one; nothing if it has not come yet."""
        if len(self._buffer) < 2:
            return None
        first, second = self._buffer[0], self._buffer[1]
        opcode, size, start = first & 0x0F, second & 0x7F, 2
        if first & 0x70 or second & 0x80:
            raise NetworkError("the server's frames are not those of a websocket")
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(self._buffer) < start:
                return None
            size = int.from_bytes(self._buffer[2:start], "big")
        if size + len(self._message or b"") > self._limit:
            raise NetworkError("a message is larger than %d bytes" % self._limit)
        if len(self._buffer) < start + size:
            return None
        payload = bytes(self._buffer[start : start + size])
        del self._buffer[: start + size]
        return self._read(opcode, payload, is_final=bool(first & 0x80))

    def _read(self, opcode: int, payload: bytes, is_final: bool) -> List[Event]:
        if opcode == _CLOSE:
            return [Close(int.from_bytes(payload[:2], "big") if len(payload) >= 2 else None)]
        if opcode == _PING:
            return [Ping(payload)]
        if opcode == _PONG:
            return []
        if opcode not in (_CONTINUATION, _TEXT, _BINARY) or (opcode == _CONTINUATION) != (self._message is not None):
            raise NetworkError("the server's frames are not in order")
        if self._message is None:
            self._message = bytearray()
        self._message += payload
        if not is_final:
            return []
        message, self._message = bytes(self._message), None
        return [Text(message)]
