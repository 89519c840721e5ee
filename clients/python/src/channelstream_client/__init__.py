"""A client of Channelstream: a hub's calls, listeners, and the check of what a hub proves.

`Hub` blocks, `AsyncHub` is for asyncio. `evidence` needs no hub. Everything is Python's standard library.
"""

from . import evidence
from .aio import AsyncHub, AsyncListener
from .answers import (
    BulkAnswer,
    ChannelConfig,
    ChannelInfo,
    ChannelsInfo,
    ConnectAnswer,
    ConsistencyProof,
    Deletion,
    Edit,
    Erasure,
    Frame,
    HistoryEntry,
    HistoryPage,
    InclusionProof,
    InfoOptions,
    Lineage,
    Message,
    NewMessage,
    SubscribeAnswer,
    UnsubscribeAnswer,
    UserStateAnswer,
)
from .client import Hub, Listener
from .errors import (
    BadRequest,
    BadSignature,
    ChannelstreamError,
    Conflict,
    ConnectionEnded,
    Forbidden,
    Gone,
    Invalid,
    NetworkError,
    NotFound,
    ProofError,
    Refused,
    Replaced,
    RequestTimeout,
    TooLarge,
    Unavailable,
    UnknownConnection,
    WrongNode,
)
from .signing import sign

__version__ = "1.0.0"

__all__ = [
    "AsyncHub", "AsyncListener", "BadRequest", "BadSignature", "BulkAnswer", "ChannelConfig", "ChannelInfo",
    "ChannelsInfo", "ChannelstreamError", "Conflict", "ConnectAnswer", "ConnectionEnded", "ConsistencyProof",
    "Deletion", "Edit", "Erasure", "Forbidden", "Frame", "Gone", "HistoryEntry", "HistoryPage", "Hub",
    "InclusionProof", "InfoOptions", "Invalid", "Lineage", "Listener", "Message", "NetworkError", "NewMessage",
    "NotFound", "ProofError", "Refused", "Replaced", "RequestTimeout", "SubscribeAnswer", "TooLarge", "Unavailable",
    "UnknownConnection", "UnsubscribeAnswer", "UserStateAnswer", "WrongNode", "evidence", "sign",
]
