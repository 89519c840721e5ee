"""What can go wrong, as exceptions."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Type, cast


class ChannelstreamError(Exception):
    """Everything that this package raises about a hub."""


class NetworkError(ChannelstreamError):
    """There is no answer, or none that can be read. `sent`: the hub may have got the request nevertheless."""

    def __init__(self, text: str, sent: bool = False) -> None:
        super().__init__(text)
        self.sent = sent


class RequestTimeout(NetworkError):
    """The answer took too long."""


class Refused(ChannelstreamError):
    """The hub says no. `body` is what it says: JSON where it is JSON, else text."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = headers
        super().__init__("%d %s" % (status, body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)))

    @property
    def errors(self) -> Dict[str, Any]:
        """What is wrong, by field: `{"username": ["Missing data for required field."]}`."""
        body: Any = self.body
        return cast(Dict[str, Any], body) if isinstance(body, dict) else {}

    @property
    def reasons(self) -> List[str]:
        """What is wrong with the request as a whole."""
        found = self.errors.get("request", [])
        return [found] if isinstance(found, str) else list(found)

    @property
    def retry_after(self) -> Optional[float]:
        """Seconds after which the hub wants to be asked again."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isdigit() else None

    @staticmethod
    def with_status(status: int, body: Any, headers: Mapping[str, str]) -> Refused:
        kind: Type[Refused] = _BY_STATUS.get(status, Unavailable if status >= 500 else Refused)
        return kind(status, body, headers)


class BadRequest(Refused):
    """400: the body is no JSON."""


class BadSignature(Refused):
    """401: the secret is another one, or the clocks differ by more than a minute."""


class Forbidden(Refused):
    """403: without a signature, or from an address that may not call."""


class NotFound(Refused):
    """404: no such call, channel, message or line."""


class Conflict(Refused):
    """409: something is under way that excludes it."""


class Gone(Refused):
    """410: that place in the log is not kept any more."""


class TooLarge(Refused):
    """413: larger than the hub takes."""


class WrongNode(Refused):
    """421: this node follows another one, which has to be asked."""


class Invalid(Refused):
    """422: `errors` says of each field what is wrong. Nothing of the call was applied."""


class Unavailable(Refused):
    """503, or another 5xx: not now."""


_BY_STATUS: Dict[int, Type[Refused]] = {
    400: BadRequest, 401: BadSignature, 403: Forbidden, 404: NotFound, 409: Conflict, 410: Gone, 413: TooLarge,
    421: WrongNode, 422: Invalid,
}


class ConnectionEnded(ChannelstreamError):
    """Nobody can listen with this `conn_id` any more: connect anew."""


class UnknownConnection(ConnectionEnded):
    """The hub does not know the `conn_id`, or not any more."""


class Replaced(ConnectionEnded):
    """Another listener took the connection over."""


class ProofError(ChannelstreamError):
    """What should be proved is not: a wrong hash, a wrong signature, or a text that is no proof."""
