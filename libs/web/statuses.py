"""One table from the error tree to HTTP."""

from __future__ import annotations

from typing import Final

from libs.foundation import errors as tree
from libs.web import errors as own

STATUS: Final[dict[type[tree.ZhixingError], int]] = {
    own.RequestInvalid: 422,
    own.MalformedRequest: 400,
    own.BodyTooLarge: 413,
    own.UnsupportedMediaType: 415,
    own.MethodNotAllowed: 405,
    own.IdempotencyKeyMissing: 400,
    own.IdempotencyKeyInvalid: 400,
    own.PreconditionRequired: 428,
    own.PreconditionMalformed: 400,
    own.PurposeMissing: 400,
    own.Unauthenticated: 401,
    tree.Forbidden: 403,
    tree.Refused: 409,
    tree.NotFound: 404,
    tree.Gone: 410,
    tree.Conflict: 412,
    tree.KeyReused: 422,
    tree.Rejected: 422,
    tree.Overloaded: 429,
    tree.Transient: 503,
    tree.ZhixingError: 500,
}
"""The nearest ancestor decides."""


def status_of(cls: type[tree.ZhixingError]) -> int:
    """Return the HTTP status of an error class."""
    return next(STATUS[ancestor] for ancestor in cls.__mro__ if ancestor in STATUS)
