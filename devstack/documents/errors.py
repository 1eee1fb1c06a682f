"""`docs/errors.md`: every error code a client can meet, with its status, rule and remedy."""

import pkgutil
from importlib import import_module
from pathlib import Path

import libs
import services
from libs.foundation.errors import every_error
from libs.web.statuses import status_of

_HEAD = """\
# Errors

Written by `make docs` from the error tree. Every answer that is not a success is a problem document (RFC 9457) whose
`code` stands here; `type` is `/problems/{code}` of the service that answered. A retryable one may be repeated as it is.

| Code | Status | What happened | Rule | Retryable | Remedy |
|---|---|---|---|---|---|
"""


def write(docs: Path) -> None:
    """Import every module, so that every error class is known, and write `errors.md`."""
    import_everything()
    rows = [
        f"| `{cls.code}` | {status_of(cls)} | {cls.title} | {cls.rule or '—'} |"
        f" {'yes' if cls.retryable else 'no'} | {cls.remedy} |\n"
        for cls in every_error()
    ]
    (docs / "errors.md").write_text(_HEAD + "".join(rows))


def import_everything() -> None:
    """Import all of libs and services except the test library and what only runs as a program."""
    for package in (libs, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("libs.testing") and not module.name.endswith("__main__"):
                import_module(module.name)
