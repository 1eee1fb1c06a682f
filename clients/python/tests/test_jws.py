"""Signatures: what verifies, and everything that must not."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from zhixing_feed.jws import (
    KeyRing,
    NotVerified,
    PrivateKey,
    PublicKey,
    as_json,
    base64url,
    thumbprint,
    unbase64,
    without_floats,
)

RFC_7515_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RFC_7515_SIGNED = (
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def key(kid: str = "k-1", curve: ec.EllipticCurve | None = None) -> dict[str, Any]:
    numbers = ec.generate_private_key(curve or ec.SECP256R1()).private_numbers()
    size, name = (48, "P-384") if isinstance(curve, ec.SECP384R1) else (32, "P-256")
    point = numbers.public_numbers
    parts = {"x": point.x, "y": point.y, "d": numbers.private_value}
    found = {part: base64url(number.to_bytes(size, "big")) for part, number in parts.items()}
    return {"kty": "EC", "crv": name, "kid": kid, **found}


def signed(jwk: dict[str, Any], header: dict[str, Any], payload: bytes = b'{"a":1}') -> str:
    """Sign with whatever header."""
    whole = PrivateKey(jwk).sign(payload, "t")
    _, body, _ = whole.split(".")
    head = base64url(as_json(header))
    private = ec.derive_private_key(int.from_bytes(unbase64(jwk["d"]), "big"), ec.SECP256R1())
    r, s = decode_dss_signature(private.sign(f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256())))
    return f"{head}.{body}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def test_the_example_of_rfc_7515_verifies_with_its_key() -> None:
    head, body, tail = RFC_7515_SIGNED.split(".")
    assert PublicKey(RFC_7515_KEY).verifies(unbase64(tail), f"{head}.{body}".encode())
    assert not PublicKey(RFC_7515_KEY).verifies(unbase64(tail), f"{head}.{body}x".encode())


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_what_a_key_signs_its_ring_verifies_byte_by_byte(curve: ec.EllipticCurve) -> None:
    jwk = key(curve=curve)
    found = KeyRing([jwk]).verified(PrivateKey(jwk).sign({"名": "张三", "n": 1}, "t"), "t")
    assert (found.claims, found.payload, found.kid) == ({"名": "张三", "n": 1}, '{"名":"张三","n":1}'.encode(), "k-1")


def test_ed25519_is_data_of_the_key() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(private.public_key().public_bytes_raw()), "kid": "e"}
    for alg in ("Ed25519", "EdDSA"):
        signing = f"{base64url(as_json({'alg': alg, 'kid': 'e', 'typ': 't'}))}.{base64url(b'{}')}"
        assert KeyRing([jwk]).verified(f"{signing}.{base64url(private.sign(signing.encode()))}", "t").claims == {}


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"alg": "ES256", "kid": "k-1", "typ": "other"}, "expected"),
        ({"alg": "ES256", "kid": "k-2", "typ": "t"}, "may not sign"),
        ({"alg": "ES256", "typ": "t"}, "may not sign"),
        ({"alg": "none", "kid": "k-1", "typ": "t"}, "algorithm"),
        ({"alg": "HS256", "kid": "k-1", "typ": "t"}, "algorithm"),
        ({"alg": "ES256", "kid": "k-1", "typ": "t", "crit": ["b64"]}, "not known"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header: dict[str, Any], why: str) -> None:
    jwk = key()
    with pytest.raises(NotVerified, match=why):
        KeyRing([jwk]).verified(signed(jwk, header), "t")


def test_the_key_of_another_with_the_same_name_does_not_verify() -> None:
    text = PrivateKey(key()).sign({"a": 1}, "t")
    with pytest.raises(NotVerified, match="does not fit"):
        KeyRing([key()]).verified(text, "t")


def test_every_changed_character_is_noticed() -> None:
    jwk = key()
    ring, text = KeyRing([jwk]), PrivateKey(jwk).sign({"a": 1}, "t")
    for at in range(len(text)):
        for other in "Aa.":
            if text[at] != other:
                with pytest.raises(NotVerified):
                    ring.verified(text[:at] + other + text[at + 1 :], "t")


@pytest.mark.parametrize("payload", [b"[1]", b'{"a":1.5}', b'{"a":NaN}', b'{"a":', b"\xff", b"[" * 100000])
def test_a_payload_that_is_no_object_without_floats_is_refused(payload: bytes) -> None:
    jwk = key()
    with pytest.raises(NotVerified):
        KeyRing([jwk]).verified(PrivateKey(jwk).sign(payload, "t"), "t")


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "é.é.é", "..", json.dumps({"a": 1})])
def test_what_is_no_jws_is_refused(text: str) -> None:
    with pytest.raises(NotVerified):
        KeyRing([key()]).verified(text, "t")


def test_base64url_has_one_spelling_only() -> None:
    assert unbase64("AA") == b"\0"
    for text in ("AB", "AA=", "A", "A A", "+/", "AA\n"):
        with pytest.raises(ValueError, match="base64url"):
            unbase64(text)


def test_a_ring_passes_over_keys_of_kinds_that_it_does_not_know() -> None:
    ring = KeyRing([key("k-1"), {"kty": "RSA", "n": "AQ", "e": "AQAB"}, {"kty": "EC", "crv": "P-256"}])
    assert len(ring) == 1


def test_a_point_that_is_not_on_the_curve_is_no_key() -> None:
    with pytest.raises(ValueError, match="curve"):
        PublicKey({"kty": "EC", "crv": "P-256", "x": base64url(b"\1" * 32), "y": base64url(b"\1" * 32)})


def test_a_key_without_a_name_is_named_by_its_thumbprint() -> None:
    # RFC 7638 section 3.1 is about RSA; the form is the same: required members, sorted, without spaces.
    assert thumbprint(RFC_7515_KEY) == thumbprint(RFC_7515_KEY | {"use": "sig", "alg": "ES256"})
    assert PublicKey(RFC_7515_KEY).kid == thumbprint(RFC_7515_KEY)


def test_floats_have_no_place_in_signed_json() -> None:
    with pytest.raises(ValueError, match=r"1\.0"):
        without_floats('{"a": 1.0}')
