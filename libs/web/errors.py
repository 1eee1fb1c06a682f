"""What a client can do wrong before a service's own law is asked."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, Rejected, Transient, ZhixingError


class RequestInvalid(Rejected):
    """One or more fields of the request are invalid. HTTP 422; `errors[]` names all of them at once."""

    code = "request_invalid"
    title = "The request has invalid fields"
    remedy = "Correct every field named in `errors` and send the request again."


class MalformedRequest(Rejected):
    """The request cannot be read: bad JSON, duplicate keys, invalid UTF-8, a malformed header. HTTP 400."""

    code = "malformed_request"
    title = "The request cannot be read"
    remedy = "Send one strict JSON document in UTF-8: no duplicate keys, no NaN, no null characters, at most 64 levels."


class BodyTooLarge(Rejected):
    """The body is larger than 1 MiB. HTTP 413."""

    code = "body_too_large"
    title = "The body is too large"
    remedy = "Send at most 1 MiB; in bulk, NDJSON with at most 1 MiB per line."


class UnsupportedMediaType(Rejected):
    """The body's content type is not one this route reads. HTTP 415."""

    code = "unsupported_media_type"
    title = "The content type is not supported here"
    remedy = "Send `Content-Type: application/json`, or `application/x-ndjson` where the route takes bulk input."


class MethodNotAllowed(Rejected):
    """The resource does not take this method. HTTP 405."""

    code = "method_not_allowed"
    title = "The resource does not take this method"
    remedy = "Use one of the methods named in the Allow header."


class IdempotencyKeyMissing(Rejected):
    """A write came without an Idempotency-Key. HTTP 400; nothing was written."""

    code = "idempotency_key_missing"
    title = "The Idempotency-Key header is missing"
    remedy = "Send a key that is new for each new request and the same for each repeat, at most 200 characters."


class IdempotencyKeyInvalid(Rejected):
    """The Idempotency-Key is empty, longer than 200 characters, sent twice, or not visible ASCII. HTTP 400."""

    code = "idempotency_key_invalid"
    title = "The Idempotency-Key header is not usable"
    remedy = "Send 1 to 200 visible ASCII characters, for example a UUID."


class PreconditionRequired(Rejected):
    """A change of an existing thing came without If-Match. HTTP 428."""

    code = "precondition_required"
    title = "The If-Match header is missing"
    remedy = "Read the resource and send its ETag in If-Match."


class PreconditionMalformed(Rejected):
    """The If-Match header is not one of our ETags. HTTP 400."""

    code = "precondition_malformed"
    title = "The If-Match header is not an ETag of this resource"
    remedy = 'Send the ETag as it was answered, for example If-Match: "12".'


class Unauthenticated(ZhixingError):
    """No token came with a request that needs one. HTTP 401."""

    code = "token_missing"
    title = "A bearer token is needed"
    remedy = "Get a token from the issuer by client credentials and send it as `Authorization: Bearer …`."


class TokenInvalid(Unauthenticated):
    """The token is forged, malformed, from another issuer, or for another audience. HTTP 401."""

    code = "token_invalid"
    title = "The token is not valid here"
    remedy = "Get a new token from the issuer that this service trusts, for the audience `zhixing`."


class TokenExpired(Unauthenticated):
    """The token was valid once. HTTP 401."""

    code = "token_expired"
    title = "The token has expired"
    remedy = "Get a new token from the issuer."


class ScopeMissing(Forbidden):
    """The token does not carry the scope of this route. HTTP 403."""

    code = "scope_missing"
    title = "The token lacks the scope of this route"
    remedy = "Ask the issuer for a token with the scope named in `detail`."


class RoleMissing(Forbidden):
    """The caller holds none of the roles that may do this. HTTP 403."""

    code = "role_missing"
    title = "The caller does not hold the role for this"
    remedy = "Let a person who holds one of the roles named in `detail` do it."


class CourtNotYours(Forbidden):
    """The token does not name the court in which this would be done. HTTP 403."""

    code = "court_not_yours"
    title = "The token is not of this court"
    remedy = "Use a token whose `courts` claim names the court."


class PurposeMissing(Rejected):
    """Personal data was asked for without naming the case and the purpose. HTTP 400."""

    code = "purpose_missing"
    title = "Reading personal data needs a case and a purpose"
    remedy = "Send the query parameter `case_id`, and the header `Purpose` or the query parameter `purpose`."


class ListBehind(Transient):
    """The list does not show the write named by `after` yet. HTTP 503; the write itself stands."""

    code = "list_behind"
    title = "The list does not show that write yet"
    remedy = "Ask again after `Retry-After` seconds, or without `after` for the list as it is."


class IssuerUnavailable(Transient):
    """The keys of the token issuer could not be read yet, so no token can be checked. HTTP 503."""

    code = "issuer_unavailable"
    title = "Tokens cannot be checked at the moment"
    remedy = "Repeat the request after `Retry-After` seconds; if it lasts, the operator looks at the issuer's JWKS."
