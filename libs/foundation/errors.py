"""The error tree: what the world did wrong, in classes whose `code` never changes.

An assertion is for us, an error is for the world. One table in `libs.web` maps the branches to HTTP, one in `libs.bus`
maps them to what happens to a message. Every class is a page under `/problems/{code}`, so it says its cause and remedy.
"""

from __future__ import annotations

from typing import ClassVar


class ZhixingError(Exception):
    """Base of the tree.

    Class attributes are the stable part (they are published in `docs/errors.md`); the instance carries the particulars.

    `code`       stable snake_case name, the last part of the problem's `type` URL.
    `title`      one short English sentence, the same for every instance.
    `rule`       the R-number (and so the article) that refused, where the law did.
    `remedy`     what the caller can do about it.
    `retryable`  whether the same request may succeed later without a change.
    """

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "The request could not be handled"
    rule: ClassVar[str | None] = None
    remedy: ClassVar[str] = "Report the correlation id to the operator."
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, field: str | None = None, **extra: object) -> None:
        """Say what happened in `detail`, which `field` (a JSON path) is meant, and facts that help in `extra`."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.field = field
        self.extra = extra


class Refused(ZhixingError):
    """The law, or a rule of the house, says no. HTTP 409. On the bus it is an answer, not poison."""

    code = "refused"
    title = "A rule refuses this"
    remedy = "Read the rule named in `rule`; change what it objects to."


class Forbidden(Refused):
    """The caller may not do this at all: wrong role, court or agency. HTTP 403."""

    code = "forbidden"
    title = "The caller may not do this"
    remedy = "Use a token of the court, organisation and role that the resource belongs to."


class NotFound(ZhixingError):
    """There is no such thing, or it belongs to someone whose things the caller may not see. HTTP 404."""

    code = "not_found"
    title = "There is no such resource"
    remedy = "Check the id and the court of the token."


class Gone(ZhixingError):
    """There was such a thing, and it is not served any more; asking again will not bring it back. HTTP 410."""

    code = "gone"
    title = "It is not served any more"
    remedy = "Begin anew from what is served now."


class Conflict(ZhixingError):
    """The caller's picture is stale (HTTP 412), or the writer lost a race too often (HTTP 503 after retries)."""

    code = "stale_version"
    title = "The resource has changed since it was read"
    remedy = "Read it again and send the new ETag in If-Match."


class KeyReused(ZhixingError):
    """The Idempotency-Key was used before with another body. HTTP 422."""

    code = "idempotency_key_reused"
    title = "The idempotency key was used with another body"
    remedy = "Use a new key for a new request; repeat a request with the very same body."


class Rejected(ZhixingError):
    """Never processable, whoever asks: malformed, unknown version, broken invariant. HTTP 422; quarantine."""

    code = "rejected"
    title = "The request can never be processed"
    remedy = "Correct the field named in `field`."


class Transient(ZhixingError):
    """The outside world failed; the same request may succeed later. HTTP 503 with Retry-After; back-off on the bus."""

    code = "temporarily_unavailable"
    title = "Temporarily unavailable"
    remedy = "Repeat the request with the same idempotency key after `Retry-After` seconds."
    retryable = True


class OutcomeUnknown(Transient):
    """A write may or may not have landed when the deadline came. HTTP 503; a repeat with the same key resolves it."""

    code = "outcome_unknown"
    title = "The outcome of the write is not known yet"


class Overloaded(Transient):
    """More is waiting here than is taken: requests, bodies, commands of the writer. HTTP 429. Nothing was written."""

    code = "overloaded"
    title = "Too many requests are waiting"


def every_error(root: type[ZhixingError] = ZhixingError) -> list[type[ZhixingError]]:
    """Return the root and all its descendants that have been imported, sorted by code; one class per code."""
    found: dict[str, type[ZhixingError]] = {}
    pending = [root]
    while pending:
        cls = pending.pop()
        found.setdefault(cls.code, cls)
        pending.extend(cls.__subclasses__())
    return [found[code] for code in sorted(found)]
