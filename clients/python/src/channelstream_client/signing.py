"""Signatures of backend calls, as itsdangerous.TimestampSigner makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Optional

HEADER = "X-Channelstream-Secret"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(secret: str, value: str = "channelstream", at: Optional[float] = None) -> str:
    """A signature: good for 60 seconds from `at` (seconds since 1970, by default now), for any call.

    It is the value of the header `X-Channelstream-Secret`, or of the query parameter `secret`.
    """
    seconds = int(time.time() if at is None else at)
    stamp = seconds.to_bytes((seconds.bit_length() + 7) // 8, "big")
    text = value + "." + _base64url(stamp)
    key = hashlib.sha1(b"itsdangerous.Signer" + b"signer" + secret.encode()).digest()
    return text + "." + _base64url(hmac.new(key, text.encode(), hashlib.sha1).digest())
