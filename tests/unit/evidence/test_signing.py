"""Signatures: what was signed verifies, and nothing else does."""

import asyncio
import base64
import json
import stat
import threading
from pathlib import Path

import orjson
import pytest
from joserfc import jws

from libs.evidence import SignatureInvalid, Signer, Verifier, generate_key, jwks, load_key
from libs.evidence.keys import algorithm_of, new_key

PAYLOAD = {"request_number": "R-1", "items": [{"sequence": 1, "limit_fen": 506575}], "court": "云0381"}


@pytest.mark.parametrize("alg", ["ES256", "ES384", "Ed25519"])
def test_what_was_signed_verifies_with_the_algorithm_of_the_key(alg: str) -> None:
    signer = Signer(new_key(alg))
    header, payload = Verifier(signer.jwks()).opened(signer.sign_now(PAYLOAD, typ="request+jws"))
    assert payload == PAYLOAD
    assert (header["alg"], header["kid"], header["typ"]) == (alg, signer.kid, "request+jws")
    assert isinstance(header["iat"], int)


def test_the_signed_bytes_are_canonical() -> None:
    token = Signer(new_key()).sign_now({"b": 1, "a": "执"})
    part = token.split(".")[1]
    assert base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) == '{"a":"执","b":1}'.encode()


def test_a_payload_without_a_canonical_form_is_not_signed() -> None:
    with pytest.raises(ValueError, match="float"):
        Signer(new_key()).sign_now({"amount": 1.5})


def test_an_altered_payload_does_not_verify() -> None:
    signer = Signer(new_key())
    header, _, signature = signer.sign_now(PAYLOAD).split(".")
    other = base64.urlsafe_b64encode(orjson.dumps(PAYLOAD | {"court": "京0105"})).decode().rstrip("=")
    with pytest.raises(SignatureInvalid):
        Verifier(signer.jwks()).verify(f"{header}.{other}.{signature}")


def test_a_signature_of_another_key_under_the_same_name_does_not_verify() -> None:
    with pytest.raises(SignatureInvalid):
        Verifier(Signer(new_key(kid="k")).jwks()).verify(Signer(new_key(kid="k")).sign_now(PAYLOAD))


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="not registered"):
        Verifier(Signer(new_key(kid="a")).jwks()).verify(Signer(new_key(kid="b")).sign_now(PAYLOAD))


def test_an_algorithm_that_is_not_the_keys_is_refused() -> None:
    key = new_key("ES256", "k")
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(b"{}").decode().rstrip("=")
    with pytest.raises(SignatureInvalid, match="algorithm"):
        Verifier(jwks([key])).verify(f"{header}.{body}.")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "执行", "e30.e30.e30", "e30.e30", "eyJraWQiOjF9.e30.AA"])
def test_garbage_is_refused_as_a_signature(token: str) -> None:
    with pytest.raises(SignatureInvalid):
        Verifier(Signer(new_key()).jwks()).verify(token)


def test_a_signed_text_that_is_no_object_is_refused() -> None:
    key = new_key("ES256", "k")
    token = jws.serialize_compact({"alg": "ES256", "kid": "k"}, b"[1]", key, algorithms=["ES256"])
    with pytest.raises(SignatureInvalid, match="object"):
        Verifier(jwks([key])).verify(token)


def test_after_a_rotation_old_papers_still_verify() -> None:
    signer = Signer(new_key(kid="2025"))
    old = signer.sign_now(PAYLOAD)
    signer.rotate(new_key("Ed25519", "2026"))
    verifier = Verifier(signer.jwks())
    assert [key["kid"] for key in signer.jwks()["keys"]] == ["2026", "2025"]
    assert verifier.verify(old) == PAYLOAD
    assert verifier.opened(signer.sign_now(PAYLOAD))[0]["kid"] == "2026"


@pytest.mark.asyncio
async def test_signing_leaves_the_event_loop_free(monkeypatch: pytest.MonkeyPatch) -> None:
    signer, loop_thread, seen = Signer(new_key()), threading.get_ident(), []
    sign_now = Signer.sign_now

    def watched(self: Signer, payload: dict[str, object], typ: str = "JOSE") -> str:
        seen.append(threading.get_ident())
        return sign_now(self, payload, typ)

    monkeypatch.setattr(Signer, "sign_now", watched)
    tokens = await asyncio.gather(*(signer.sign(PAYLOAD) for _ in range(5)))
    assert all(Verifier(signer.jwks()).verify(token) == PAYLOAD for token in tokens)
    assert loop_thread not in seen
    assert await Verifier(signer.jwks()).verify_async(tokens[0]) == PAYLOAD


def test_a_key_file_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "intake.json"
    first = generate_key(path, kid="intake-1")
    assert generate_key(path).kid == first.kid == load_key(path).kid == "intake-1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["intake.json"]


def test_two_processes_that_make_the_same_key_file_end_with_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(str(generate_key(tmp_path / "k.json").kid))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {load_key(tmp_path / "k.json").kid}


def test_public_keys_show_nothing_private() -> None:
    for alg in ("ES256", "Ed25519"):
        (public,) = jwks([new_key(alg)])["keys"]
        assert "d" not in public
        assert public["alg"] == alg


def test_the_algorithm_of_a_bare_key_follows_from_its_curve() -> None:
    bare = {name: value for name, value in new_key("Ed25519").as_dict(private=False).items() if name != "alg"}
    assert algorithm_of(load_key(bare)) == "Ed25519"


def test_a_secret_is_no_key_of_ours() -> None:
    with pytest.raises(ValueError, match="oct"):
        load_key({"kty": "oct", "k": "AAAA"})


def test_a_document_with_keys_of_other_kinds_verifies_with_ours() -> None:
    signer = Signer(new_key())
    document = {"keys": [{"kty": "RSA", "n": "x", "e": "AQAB", "kid": "r"}, *signer.jwks()["keys"]]}
    assert Verifier(json.loads(json.dumps(document))).verify(signer.sign_now(PAYLOAD)) == PAYLOAD
