"""What calls and listeners want done, as values.

They are generators that yield steps and know no socket; `client` carries the steps out with blocking sockets, `aio`
with asyncio. A step that fails is thrown into the generator as a NetworkError.
"""

from __future__ import annotations

import functools
import random
import ssl
from dataclasses import dataclass, field
from typing import Callable, Dict, Generator, List, Mapping, Optional, TypeVar, Union
from urllib.parse import urlencode, urlsplit

from .answers import Frame

T = TypeVar("T")


@dataclass(frozen=True)
class Open:
    """A connection to the hub. The result is not empty if it was there already and is used once more."""

    reuse: bool


@dataclass(frozen=True)
class Write:
    data: bytes


@dataclass(frozen=True)
class Read:
    """The result is what has come, nothing at the stream's end."""

    timeout: float


@dataclass(frozen=True)
class Close:
    keep: bool
    """Whether it may be used once more."""


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Deliver:
    frames: List[Frame]


Step = Union[Open, Write, Read, Close, Sleep, Deliver]
Steps = Generator[Step, bytes, T]


@functools.lru_cache(maxsize=1)
def _default_tls() -> ssl.SSLContext:
    """Made once: it reads all authorities that the machine trusts."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class Target:
    """Where a hub is, and how it is asked."""

    url: str
    secret: Optional[str] = None
    timeout: float = 10.0
    """Seconds that an attempt may take."""
    retries: int = 2
    headers: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    """Those of the user, such as Authorization for a proxy."""
    largest_answer: int = 256 * 1024 * 1024
    ssl_context: Optional[ssl.SSLContext] = None
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("this is no URL of a hub: %r" % self.url)

    @property
    def is_secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (443 if self.is_secure else 80)

    @property
    def tls(self) -> Optional[ssl.SSLContext]:
        return (self.ssl_context or _default_tls()) if self.is_secure else None

    def path(self, path: str, query: Mapping[str, str]) -> str:
        """The target of a request; a hub behind a proxy may have a prefix."""
        whole = urlsplit(self.url).path.rstrip("/") + path
        return whole + ("?" + urlencode(query) if query else "")

    def base_headers(self) -> Dict[str, str]:
        return {"Host": urlsplit(self.url).netloc.rpartition("@")[2], **self.headers}


class Backoff:
    """Delays before attempts: drawn from a time that doubles, so that many clients do not come at the same moment."""

    def __init__(self, first: float, longest: float, chance: Callable[[], float]) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self.attempts = 0

    def next(self, hint: float = 0.0, spread: float = 0.0) -> float:
        """Seconds: what the hub asks for, and a part of the time drawn on top; `spread` is what that is at least."""
        ceiling = min(self._longest, self._first * 2.0 ** min(self.attempts, 30))
        self.attempts += 1
        return hint + self._chance() * max(ceiling, spread)

    def reset(self) -> None:
        self.attempts = 0
