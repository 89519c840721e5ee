"""Checks what a hub proves, without the hub: keys, signed checkpoints, proofs and receipts.

The formats are those of RFC 6962 and of C2SP: signed-note, tlog-checkpoint, tlog-proof. Python's library has no
Ed25519, so it is here: verification only, which holds no secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .errors import ProofError

_ED25519 = 1
_MOST_HASHES = 63
_MOST_SIGNATURES = 100


def _decode(text: str, what: str) -> bytes:
    """Standard base64 in the one spelling that it has."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode() != text:
        raise ProofError("%s is no base64: %r" % (what, text[:80]))
    return data


def _number(text: str, what: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text):
        raise ProofError("%s is no number: %r" % (what, text[:40]))
    return int(text)


# Keys and checkpoints


@dataclass(frozen=True)
class VerifierKey:
    """The public key of a log, as in `node.pub` and at `/log/key`."""

    name: str
    key_id: bytes
    public_key: bytes

    @staticmethod
    def parse(text: str) -> VerifierKey:
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        key = _decode(encoded, "the key")
        if not name or " " in name or key[0] != _ED25519 or len(key) != 33:
            raise ProofError("this is no verifier key for Ed25519: %r" % text[:120])
        expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        if key_id != expected.hex():
            raise ProofError("the key's id is not that of its name and key: %r" % text[:120])
        return VerifierKey(name, expected, key[1:])


@dataclass(frozen=True)
class Checkpoint:
    """What a log was, by the word of its key: `size` lines, whose tree has this root."""

    origin: str
    size: int
    root: bytes

    @staticmethod
    def verify(note: str, *keys: VerifierKey) -> Checkpoint:
        """Reads a signed note. Raises ProofError unless a key of the log has signed it, and none wrongly."""
        text, signatures = _split_note(note)
        # Not until the first right one: a wrong one of another key counts as well.
        signers = [key for key in keys for signature in signatures if _is_by(key, signature, text)]
        if not signers:
            raise ProofError("the checkpoint is not signed by %s" % " or ".join(key.name for key in keys))
        origin, size, root, *extensions = text[:-1].split("\n") + ["", ""]
        if "" in extensions[:-2]:
            raise ProofError("the checkpoint has an empty line")
        if origin not in [key.name for key in signers]:
            raise ProofError("the checkpoint is of another log: %r" % origin[:120])
        digest = _decode(root, "the root")
        if len(digest) != 32:
            raise ProofError("the root is no SHA-256 hash")
        return Checkpoint(origin, _number(size, "the size"), digest)


def _split_note(note: str) -> Tuple[str, List[Tuple[str, bytes]]]:
    """The text that is signed, and names with signatures."""
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise ProofError("this is no signed note")
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise ProofError("the note has more than %d signatures" % _MOST_SIGNATURES)
    signatures: List[Tuple[str, bytes]] = []
    for line in lines:
        dash, name, encoded = (line.split(" ") + ["", ""])[:3]
        if dash != "\u2014" or line.count(" ") != 2 or not re.fullmatch(r"[^\s+]+", name):
            raise ProofError("this is no signature: %r" % line[:120])
        signatures.append((name, _decode(encoded, "a signature")))
    return text + "\n", signatures


def _is_by(key: VerifierKey, signature: Tuple[str, bytes], text: str) -> bool:
    """Whether it is the key's; one that says so and is not makes the whole note invalid."""
    name, data = signature
    if name != key.name or data[:4] != key.key_id:
        return False
    if not _verify_ed25519(key.public_key, data[4:], text.encode()):
        raise ProofError("the signature of %s is wrong" % name)
    return True


# The tree


def leaf_hash(line: bytes) -> bytes:
    """The leaf of a log's line, given without its newline: what people wrote is in it by its commitment only."""
    return hashlib.sha256(b"\0" + redacted(line)).digest()


def redacted(line: bytes) -> bytes:
    """The form of a line that the tree covers, whether its content is still there or erased."""
    head, salt, rest = line.partition(b',"salt":"')
    if not salt:
        return line
    if rest[22:34] != b'","content":' or not rest.endswith(b"}"):
        raise ProofError("the line is none of a log: %r" % line[:80])
    try:
        data = base64.urlsafe_b64decode(rest[:22] + b"==")
    except binascii.Error:
        raise ProofError("the line's salt is no base64") from None
    commit = base64.urlsafe_b64encode(hashlib.sha256(data + rest[34:-1]).digest()).rstrip(b"=")
    return head + b',"commit":"' + commit + b'"}'


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if len(hashes) > _MOST_HASHES or any(len(one) != 32 for one in hashes):
        raise ProofError("a proof is at most %d hashes of 32 bytes" % _MOST_HASHES)


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, hashes: Sequence[bytes]) -> None:
    """Raises ProofError unless the leaf is the one at `index`, from 0, in the tree of this size and root."""
    _check_hashes(hashes)
    if not 0 <= index < size:
        raise ProofError("line %d is not among %d lines" % (index + 1, size))
    place, last, found = index, size - 1, leaf
    for sibling in hashes:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            found = _node(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = _node(found, sibling)
        place, last = place >> 1, last >> 1
    if last or found != root:
        raise ProofError("the line is not in the log with this root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, hashes: Sequence[bytes]) -> None:
    """Raises ProofError unless the tree of `new` leaves begins with the tree of `old` leaves."""
    _check_hashes(hashes)
    if not 0 <= old <= new:
        raise ProofError("the log became shorter, from %d lines to %d" % (old, new))
    if old == 0 or old == new:
        empty = hashlib.sha256().digest()
        if hashes or (old == new and old_root != new_root) or (old == 0 and old_root != empty):
            raise ProofError("the log is another one than before")
        return
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    # The old tree is a perfect one: its root is not repeated in the proof.
    path = [old_root, *hashes] if old & (old - 1) == 0 else list(hashes)
    if not path:
        raise ProofError("the proof is too short")
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            before, after = _node(sibling, before), _node(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = _node(after, sibling)
        place, last = place >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise ProofError("the log is another one than before")


# What the hub hands out


@dataclass(frozen=True)
class Receipt:
    """A line of a log, proved."""

    line: bytes
    """As the log has it; its numbers are what was sent, which `event` rounds as Python's floats do."""
    index: int
    checkpoint: Checkpoint

    @property
    def event(self) -> Dict[str, Any]:
        event: Dict[str, Any] = json.loads(self.line)
        return event

    @property
    def seq(self) -> int:
        return self.index + 1

    @staticmethod
    def verify(text: str, *keys: VerifierKey) -> Receipt:
        """Reads what `Hub.receipt` returns. Raises ProofError unless the line is in the log of these keys."""
        proof = _Proof.parse(text)
        if proof.extra is None:
            raise ProofError("the proof does not bring its line along")
        checkpoint = Checkpoint.verify(proof.note, *keys)
        verify_inclusion(leaf_hash(proof.extra), proof.index, checkpoint.size, checkpoint.root, proof.hashes)
        receipt = Receipt(proof.extra, proof.index, checkpoint)
        if receipt.event.get("seq") != receipt.seq:
            raise ProofError("the line says that it is another one")
        return receipt


@dataclass(frozen=True)
class _Proof:
    """C2SP tlog-proof."""

    extra: Optional[bytes]
    index: int
    hashes: List[bytes]
    note: str

    @staticmethod
    def parse(text: str) -> _Proof:
        head, _, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != "c2sp.org/tlog-proof@v1" or not lines:
            raise ProofError("this is no proof in the form of C2SP tlog-proof")
        extra = None
        if lines[0].startswith("extra "):
            extra = _decode(lines.pop(0)[6:], "the line")
        if not lines or not lines[0].startswith("index "):
            raise ProofError("the proof has no index")
        index = _number(lines.pop(0)[6:], "the index")
        return _Proof(extra, index, [_decode(line, "a hash") for line in lines], note)


def verify_line(line: bytes, proof: Any, *keys: VerifierKey) -> Checkpoint:
    """Checks that a line, given without its newline, is where `Hub.inclusion_proof` says. Returns the checkpoint."""
    if proof["checkpoint"] is None:
        raise ProofError("no checkpoint of that size is signed")
    checkpoint = Checkpoint.verify(proof["checkpoint"], *keys)
    hashes = [_decode(one, "a hash") for one in proof["hashes"]]
    verify_inclusion(leaf_hash(line), proof["index"], checkpoint.size, checkpoint.root, hashes)
    return checkpoint


def verify_growth(old: Checkpoint, proof: Any, *keys: VerifierKey) -> Checkpoint:
    """Checks with `Hub.consistency_proof(old.size)` that the log only grew since `old`. Returns the new checkpoint."""
    if proof["checkpoint"] is None:
        raise ProofError("no checkpoint of that size is signed")
    new = Checkpoint.verify(proof["checkpoint"], *keys)
    hashes = [_decode(one, "a hash") for one in proof["hashes"]]
    verify_consistency(old.size, old.root, new.size, new.root, hashes)
    return new


# Ed25519 (RFC 8032), verification. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_Point = Tuple[int, int, int, int]


def _add(a: _Point, b: _Point) -> _Point:
    first = (a[1] - a[0]) * (b[1] - b[0]) % _P
    second = (a[1] + a[0]) * (b[1] + b[0]) % _P
    third = 2 * a[3] * b[3] * _D % _P
    fourth = 2 * a[2] * b[2] % _P
    e, f, g, h = second - first, fourth - third, fourth + third, second + first
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(scalar: int, point: _Point) -> _Point:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _decode_point(data: bytes) -> Optional[_Point]:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE = _decode_point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def _verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    if len(signature) != 64 or _BASE is None:
        return False
    key, commitment = _decode_point(public_key), _decode_point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % _ORDER
    left, right = _multiply(scalar, _BASE), _add(commitment, _multiply(challenge, key))
    return not ((left[0] * right[2] - right[0] * left[2]) % _P or (left[1] * right[2] - right[1] * left[2]) % _P)
