"""What this room refuses of agencies themselves: their measure codes, their keys, their signatures."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, Refused, Rejected


class MeasureCodeUnknown(Rejected):
    """An agency named a measure code that the table does not have, or one that acts on none of its asset classes."""

    code = "measure_code_unknown"
    title = "The measure code is not in the table, or acts on none of the agency's asset classes"
    rule = "R-INQ-03"
    remedy = "Name codes of the table 01-08, 11, 12, 14, 15 that act on the asset classes of the agency."


class KeyConflict(Refused):
    """The `kid` names another key already; a key never changes under its name."""

    code = "key_conflict"
    title = "This kid already names another key"
    remedy = "Register the new key under a new kid."


class KeyUnusable(Rejected):
    """The JWK is not a public key of a kind that we verify with."""

    code = "key_unusable"
    title = "The key cannot be used to verify signatures"
    remedy = "Send a public JWK: EC P-256 or P-384, or OKP Ed25519, without the private part `d`."


class SigningKeyUnknown(Forbidden):
    """The message is signed with a key that is not registered for this agency. HTTP 403."""

    code = "signing_key_unknown"
    title = "The message is not signed with a key of this agency"
    remedy = "Register the public key under /v1/agencies/me/keys/{kid} before signing with it."


class SignatureExpired(Refused):
    """The signature was made too long ago, or in the future, by the time in its header."""

    code = "signature_expired"
    title = "The signature is too old, or from the future"
    remedy = "Sign the message afresh with the present time in the header `iat`."


class SignatureOfOtherContent(Refused):
    """The signature is genuine, but it covers another request, another kind of message or another body."""

    code = "signature_of_other_content"
    title = "The signature does not cover this message"
    remedy = "Sign kind, request_number, request_sha256 and the body exactly as you send them, without `signature`."


class RequestHashDiffers(Refused):
    """The hash of the request in the message is not that of the request that was issued."""

    code = "request_hash_differs"
    title = "The message answers another content than the one that was issued"
    remedy = "Fetch the request again and name its content_sha256 as request_sha256."
