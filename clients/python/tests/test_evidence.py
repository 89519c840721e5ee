"""Signatures and proofs, with the vectors that the server's own tests have."""

from __future__ import annotations

import base64
import json
import pathlib
from typing import Any, Dict, List

import pytest

from channelstream_client import ProofError, sign
from channelstream_client.evidence import (
    Checkpoint, Receipt, VerifierKey, leaf_hash, redacted, verify_consistency, verify_inclusion,
)

TESTS = pathlib.Path(__file__).resolve().parents[3] / "Tests"
MERKLE = TESTS / "EventLogTests" / "Fixtures" / "merkle"


def vectors(name: str) -> Any:
    return json.loads((MERKLE / name).read_text())


def hashes(proof: List[str]) -> List[bytes]:
    return [bytes.fromhex(one) for one in proof]


def test_signatures_are_those_of_itsdangerous() -> None:
    cases = json.loads((TESTS / "ServerTests" / "REST" / "Fixtures" / "itsdangerous.json").read_text())["sign"]
    tried = 0
    for case in cases:
        if "secret" in case and "value" in case and "token" in case:
            assert sign(case["secret"], case["value"], at=case["seconds"]) == case["token"], case["what"]
            tried += 1
    assert tried >= 15


def test_every_proof_of_the_reference_tree_is_accepted() -> None:
    tree = vectors("rfc6962.json")
    leaves = [leaf_hash(bytes.fromhex(one)) for one in tree["leaves_hex"]]
    roots = hashes(tree["roots_by_size"])
    for case in tree["inclusion"]:
        size, index = case["size"], case["index"]
        verify_inclusion(leaves[index], index, size, roots[size], hashes(case["proof"]))
        with pytest.raises(ProofError):
            verify_inclusion(leaves[index], index, size, roots[size], hashes(case["proof"]) + [leaves[0]])
    for case in tree["consistency"]:
        old, new = case["from"], case["to"]
        verify_consistency(old, roots[old], new, roots[new], hashes(case["proof"]))


def test_every_proof_of_a_large_tree_is_accepted() -> None:
    lines = vectors("lines.json")
    roots = {tree["size"]: bytes.fromhex(tree["root"]) for tree in lines["trees"]}
    text = '{"seq":%d,"type":"message","channel":"room-%d","text":"line %d"}'
    for case in lines["inclusion"]:
        index, size = case["index"], case["size"]
        leaf = leaf_hash((text % (index, index % 3, index)).encode())
        verify_inclusion(leaf, index, size, roots[size], hashes(case["proof"]))
    known = [case for case in lines["consistency"] if case["from"] in roots and case["to"] in roots]
    assert len(known) >= 20
    for case in known:
        verify_consistency(case["from"], roots[case["from"]], case["to"], roots[case["to"]], hashes(case["proof"]))


def test_every_bad_proof_is_refused() -> None:
    cases = vectors("bad-proofs.json")["cases"]
    assert len(cases) >= 40
    for case in cases:
        proof = [bytes.fromhex(one) for one in case["proof"]]
        with pytest.raises(ProofError):
            if case["kind"] == "inclusion":
                leaf, root = bytes.fromhex(case["leaf_hash"]), bytes.fromhex(case["root"])
                verify_inclusion(leaf, case["index"], case["size"], root, proof)
            else:
                roots = [bytes.fromhex(case[name]) for name in ("root1", "root2")]
                verify_consistency(case["from"], roots[0], case["to"], roots[1], proof)
            pytest.fail(case["what"])


def log_keys(case: Dict[str, Any]) -> List[VerifierKey]:
    keys = []
    for text in case["trusted_vkeys"]:
        try:
            keys.append(VerifierKey.parse(text))
        except ProofError:
            # Witnesses' keys, of another kind: a log is not verified with them.
            pass
    return keys


def is_accepted(case: Dict[str, Any]) -> bool:
    if "note" not in case:
        # It is no text.
        return False
    try:
        return Checkpoint.verify(case["note"], *log_keys(case)).origin == "hub.example/log"
    except ProofError:
        return False


def test_every_checkpoint_of_the_log_is_read_and_every_bad_one_refused() -> None:
    found = vectors("checkpoints.json")
    for case in found["checkpoints"]:
        assert is_accepted(case), case["what"]
    # Where a witness is trusted as well, its word is wanted; the client knows logs only.
    refused = [case for case in found["refuse"] if len(log_keys(case)) == len(case["trusted_vkeys"])]
    assert len(refused) >= 50
    assert [case["what"] for case in refused if is_accepted(case)] == []
    for case in found["refuse_vkeys"]:
        with pytest.raises(ProofError):
            VerifierKey.parse(case["vkey"])
            pytest.fail(case["what"])


LINE = (
    b'{"seq":8,"time":"2026-11-24T08:06:14.069463Z","type":"message.posted","source":"node-1","data":{"uuid":'
    b'"ab4a9a93-6e32-4d83-9084-881e01d1514a","channel":"room-1","user":"alice"},"salt":"ir8nrPZCSNCKeLmfI0HyBw",'
    b'"content":{"message":{"text":"hi"}}}'
)


def test_the_line_of_the_format_s_page_has_the_leaf_that_it_says() -> None:
    page = (TESTS.parent / "docs" / "log-format.md").read_text()
    assert LINE.decode() in page and redacted(LINE).decode() in page
    assert base64.urlsafe_b64encode(leaf_hash(LINE)).rstrip(b"=").decode() in page
    assert leaf_hash(redacted(LINE)) == leaf_hash(LINE)
    with pytest.raises(ProofError):
        redacted(LINE.replace(b'","content":', b'","kontent":'))


@pytest.mark.parametrize("text", ["", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1\nindex 1\n\nx\n", "x\n\ny"])
def test_what_is_no_receipt_is_refused(text: str) -> None:
    key = VerifierKey.parse("hub.example/log+6b1dcc3d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea")
    with pytest.raises(ProofError):
        Receipt.verify(text, key)
