"""The pages that people look at, in Chinese, rendered here, with nothing loaded from anywhere else."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from libs.foundation.clock import SHANGHAI, instant
from libs.foundation.fen import yuan
from libs.web import Caller, scope
from services.command_center.domain.picture import picture
from services.command_center.domain.sentences import STAGES
from services.command_center.domain.words import day_text, ends_with_the_day, moment_text
from services.command_center.reading import Reading
from services.command_center.views import CASES

TEMPLATES: Final = Path(__file__).parent / "templates"
STYLE: Final = (TEMPLATES / "page.css").read_text()
_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page may load nothing: its one style sheet is inline and named by its hash, and there is no script."""

NODE_STATES: Final = {
    "PENDING": "办理中",
    "DUE_SOON": "临近届满",
    "OVERDUE": "已超期",
    "DONE": "已办结",
    "NOT_APPLICABLE": "不再适用",
}
ALERT_LEVELS: Final = {"BLUE": "蓝色", "YELLOW": "黄色", "ORANGE": "橙色", "RED": "红色"}
DELIVERY: Final = {"REQUESTED": "发送中", "SENT": "已送达网关", "FAILED": "发送失败"}
CHANNELS: Final = {"SMS_12368": "12368短信", "WORK_GROUP": "工作群机器人"}
RECIPIENTS: Final = {
    "CASE_OFFICER": "承办人",
    "APPLICANT": "申请执行人",
    "LEADER": "执行长",
    "NODE_SUPERVISOR": "节点监管员",
    "BUREAU_HEAD": "执行局长",
    "PRESIDENT": "分管院长",
}
CASES_MAX: Final = 100
"""Of running and of closed cases each: the most urgent, the latest."""
_DAYS: Final = re.compile(r"(\d) d\b")


def page_routes(reading: Reading) -> APIRouter:
    """Return the router of the pages."""
    router = APIRouter(include_in_schema=False)
    environment = _environment()

    @router.get("/")
    async def index(caller: Annotated[Caller, scope("command_center.timelines.read")]) -> Response:
        running = await _cases(reading, caller, {"closed": None}, ("next_due_at", 1))
        closed = await _cases(reading, caller, {"closed": {"$ne": None}}, ("closed_at", -1))
        return _page(environment, "index.html", {"cases": running + closed, "now": reading.now()})

    @router.get("/cases/{case_id}")
    async def case(case_id: str, caller: Annotated[Caller, scope("command_center.timelines.read")]) -> Response:
        folded = await reading.dossier(case_id, caller)
        now = reading.now()
        body = picture(folded.state, await reading.names(folded.state), now)
        return _page(environment, "case.html", case_context(body, now))

    return router


async def _cases(
    reading: Reading, caller: Caller, where: dict[str, Any], order: tuple[str, int]
) -> list[dict[str, Any]]:
    page = await reading.journal.views.find(
        CASES.name, court=None, where=caller.fence() | where, order=(order,), limit=CASES_MAX
    )
    return page.rows


def case_context(body: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return what the template of a case is filled with."""
    groups = [(stage, [entry for entry in body["entries"] if entry["stage"] == stage]) for stage in STAGES]
    reached = {stage for stage, entries in groups if entries}
    current = next((stage for stage in reversed(STAGES) if stage in reached), STAGES[0])
    began = instant(body["entries"][0]["at"]) if body["entries"] else now
    ended = instant(body["closed_at"]) if body["closed_at"] else now
    waiting = [node for node in body["nodes"] if node["state"] in {"PENDING", "DUE_SOON", "OVERDUE"}]
    return {
        "case": body,
        "stages": groups,
        "current": current,
        "now": now,
        "lasted": lasted_text(int((ended - began).total_seconds())),
        "notes": _grouped(body["notifications"]),
        "waiting": sorted(waiting, key=lambda node: str(node["due_at"])),
        "finished": [node for node in body["nodes"] if node not in waiting],
        "money": body["money"],
    }


def _grouped(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages with one text sent at one time as one line with its recipients, the latest in front."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for note in notes:
        key = (note["requested_at"], note["text"])
        head = {"at": note["requested_at"], "text": note["text"], "channel": note["channel"], "to": []}
        groups.setdefault(key, head)["to"].append(note)
    return list(groups.values())[::-1]


def lasted_text(seconds: int) -> str:
    """Return `2小时12分` or `3天4小时`."""
    minutes = max(0, seconds) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return f"{days}天{hours}小时" if days else f"{hours}小时{minutes}分"


def _page(environment: Environment, template: str, context: dict[str, Any]) -> Response:
    body = environment.get_template(template).render(context)
    return HTMLResponse(body, headers={"Content-Security-Policy": POLICY})


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        style=STYLE,
        node_states=NODE_STATES,
        alert_levels=ALERT_LEVELS,
        delivery=DELIVERY,
        channels=CHANNELS,
        recipients=RECIPIENTS,
    )
    environment.filters.update(
        yuan=yuan, clock=_clock, day=_day, deadline=_deadline, share=_share, until=_until, formula=_formula
    )
    return environment


def _clock(text: str | datetime) -> str:
    moment = instant(text) if isinstance(text, str) else text
    return moment_text(moment)


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text[:10]))


def _deadline(node: dict[str, Any]) -> str:
    return _until(str(node["due_at"]))


def _until(text: str) -> str:
    """Return a deadline as its last day, or as its minute where the term is that short."""
    moment = instant(text)
    if ends_with_the_day(moment):
        return day_text((moment - timedelta(seconds=1)).astimezone(SHANGHAI).date())
    return moment_text(moment)


def _formula(text: str) -> str:
    """Return a formula with its days in Chinese: payments writes `18 d`."""
    return _DAYS.sub(r"\1 天", text)


def _share(part: int, whole: int) -> str:
    """Return how much of the whole a part is, as a width: `63.2%`, never more than all of it."""
    permille = 0 if whole <= 0 else max(0, min(1000, (part * 1000 + whole // 2) // whole))
    return f"{permille // 10}.{permille % 10}%"
