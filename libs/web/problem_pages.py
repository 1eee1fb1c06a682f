"""What a problem's `type` resolves to: its cause and its remedy, for programs and for people."""

from __future__ import annotations

import html
import inspect
from typing import Any, Final

from starlette.responses import HTMLResponse, Response

from libs.foundation.errors import ZhixingError
from libs.web.statuses import status_of

_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{code} · Zhixing 执行</title>
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#222}}
code{{background:#f3f1ec;padding:.1em .3em}}dt{{font-weight:600;margin-top:1rem}}dd{{margin:0}}
small{{color:#777}}</style>
<h1>{title}</h1>
<p><code>{status}</code> <code>{code}</code></p>
{detail}<dl><dt>Cause <small>原因</small></dt><dd>{cause}</dd>
<dt>Remedy <small>处理办法</small></dt><dd>{remedy}</dd>
<dt>Rule <small>依据</small></dt><dd>{rule}</dd>
<dt>May the same request succeed later? <small>可否重试</small></dt><dd>{retryable}</dd></dl>
</html>
"""


def described(cls: type[ZhixingError]) -> dict[str, Any]:
    """Return what is published about an error class."""
    return {
        "code": cls.code,
        "status": status_of(cls),
        "title": cls.title,
        "cause": cause_of(cls),
        "remedy": cls.remedy,
        "rule": cls.rule,
        "retryable": cls.retryable,
    }


def cause_of(cls: type[ZhixingError]) -> str:
    """Return the cause of an error as its class's docstring tells it, in one line."""
    # The root's docstring explains the tree to us, not the problem to a client.
    text = "" if cls is ZhixingError else inspect.cleandoc(cls.__doc__ or "")
    return " ".join(text.split()) or cls.title


def as_page(cls: type[ZhixingError], detail: str = "") -> Response:
    """Return the page that a person reads who met a problem, or followed its `type`."""
    facts = described(cls)
    facts["rule"] = facts["rule"] or "–"
    facts["retryable"] = "yes, with the same idempotency key" if facts["retryable"] else "no"
    texts = {name: html.escape(str(value)) for name, value in facts.items()}
    return HTMLResponse(_PAGE.format(detail=f"<p>{html.escape(detail)}</p>\n" if detail else "", **texts))
