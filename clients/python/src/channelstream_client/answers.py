"""What the hub takes and answers. Times are text as the hub writes it: ISO 8601, without a zone UTC."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, TypedDict, Union

Scalar = Union[str, int, float, bool, None]
State = Dict[str, Scalar]


class ChannelConfig(TypedDict, total=False):
    """Settings of a channel; what is left out returns to its default."""

    notify_presence: bool
    broadcast_presence_with_user_lists: bool
    notify_state: bool
    store_history: bool
    history_size: int
    store_frames: bool


class InfoOptions(TypedDict, total=False):
    """What an answer says of channels; `channels` is for `/info` only."""

    channels: List[str]
    exclude_channels: List[str]
    include_history: bool
    include_users: bool
    return_public_state: bool
    include_connections: bool


class _Addressed(TypedDict, total=False):
    channel: Optional[str]
    pm_users: List[str]
    exclude_users: List[str]
    no_history: bool


class _NewMessage(TypedDict):
    user: str


class NewMessage(_NewMessage, _Addressed, total=False):
    """A message to be posted. Keys beyond these are kept and delivered; give a plain dict then."""

    message: Dict[str, Any]
    uuid: str
    timestamp: str


class _ByUUID(TypedDict):
    uuid: str


class Edit(_ByUUID, _Addressed, total=False):
    """What replaces parts of a message."""

    user: str
    message: Dict[str, Any]
    timestamp: str
    edited: str


class Deletion(_ByUUID, _Addressed, total=False):
    """A message that is to go."""


class _Message(TypedDict):
    uuid: str
    user: str
    channel: Optional[str]
    timestamp: str


class Message(_Message, total=False):
    """A message as accepted, or as it stands in a history."""

    type: str
    message: Dict[str, Any]
    pm_users: List[str]
    exclude_users: List[str]
    no_history: bool
    edited: Optional[str]
    catchup: bool


class _Frame(TypedDict):
    type: str
    uuid: str


class Frame(_Frame, total=False):
    """What a listener is sent: `type` is message, message:edit, message:delete, presence or user_state_change."""

    channel: Optional[str]
    user: str
    timestamp: str
    message: Dict[str, Any]
    edited: Optional[str]
    catchup: bool
    state: Optional[State]
    users: List[Dict[str, Any]]


class UserEntry(TypedDict):
    user: str
    state: State


class ChannelInfo(TypedDict):
    uuid: str
    name: str
    long_name: Optional[str]
    settings: ChannelConfig
    history: List[Message]
    last_active: str
    total_connections: int
    total_users: int
    users: List[str]


class ChannelsInfo(TypedDict):
    channels: Dict[str, ChannelInfo]
    users: List[UserEntry]


class ConnectAnswer(TypedDict):
    conn_id: str
    username: str
    state: State
    public_state: State
    channels: List[str]
    channels_info: ChannelsInfo


class SubscribeAnswer(TypedDict):
    channels: List[str]
    channels_info: ChannelsInfo
    subscribed_to: List[str]


class UnsubscribeAnswer(TypedDict):
    channels: List[str]
    channels_info: ChannelsInfo
    unsubscribed_from: List[str]


class ChangedKey(TypedDict):
    key: str
    value: Scalar


class UserStateAnswer(TypedDict):
    user_state: State
    changed_state: List[ChangedKey]
    public_keys: List[str]


class BulkAnswer(TypedDict):
    accepted: int
    first: Optional[str]
    last: Optional[str]


class Place(TypedDict):
    seq: int
    time: str


class HistoryEntry(TypedDict):
    seq: int
    time: str
    edited: bool
    deleted: bool
    erased: bool
    last_edit: Optional[Place]
    deletion: Optional[Place]
    message: Message


class HistoryPage(TypedDict):
    channel: str
    as_of: int
    messages: List[HistoryEntry]
    next: Optional[Dict[str, int]]


class Lineage(TypedDict):
    uuid: str
    lines: List[Dict[str, Any]]
    next: Optional[Dict[str, int]]


class InclusionProof(TypedDict):
    seq: int
    index: int
    size: int
    root: str
    hashes: List[str]
    checkpoint: Optional[str]


# `from` is a word of the language.
ConsistencyProof = TypedDict(
    "ConsistencyProof",
    {"from": int, "from_root": str, "to": int, "to_root": str, "hashes": List[str], "checkpoint": Optional[str]},
)


class Erasure(TypedDict, total=False):
    message: str
    user: str
    channel: str
    event: Optional[int]
    lines: int
    states: int
    messages: int
    through: int
    complete: bool
    segments: List[str]
    removed: List[str]
    kept_elsewhere: List[str]
