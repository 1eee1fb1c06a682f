"""`zhixing cases`, `zhixing timeline`, `zhixing quarantine …`: questions to the services that run here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from devstack.errors import StackUnavailable
from devstack.house import House, Refused, current
from devstack.tables import facts, table

app = typer.Typer(no_args_is_help=True)
quarantine = typer.Typer(no_args_is_help=True, help="Messages that could not be processed.")
app.add_typer(quarantine, name="quarantine")

Court = Annotated[str, typer.Option(help="The court in whose name to ask.", envvar="ZHIXING_COURT")]
Agency = Annotated[str | None, typer.Option(help="Ask as this agency.", envvar="ZHIXING_AGENCY")]
CASES = ("case_number", "status", "debtors", "claim_fen", "acting_officer", "filed_on", "case_id")
DEMO_COURT = "云0381"

TIMELINE = ("at", "service", "event", "title", "text", "summary", "stream", "seq")


def _show(what: Any) -> None:
    Console().print(what)


@contextmanager
def _asking(court: str, agency: str | None = None) -> Iterator[House]:
    try:
        yield House(current(), court, agency=agency)
    except StackUnavailable as error:
        Console(stderr=True).print(f"✘ {error}")
        raise typer.Exit(1) from None


@app.command()
def services(court: Court = DEMO_COURT) -> None:
    """Where the services answer, and whether they are ready."""
    with _asking(court) as house:
        rows = []
        for name, url in house.current.services.items():
            try:
                ready: dict[str, Any] = house.get(name, "/readyz")
            except StackUnavailable as error:
                ready = {"status": "away", "reasons": {"": str(error)}}
            rows.append({"service": name, "url": url, "status": ready["status"], "reasons": ready["reasons"] or None})
        _show(table("Services", rows, ("service", "url", "status", "reasons")))


@app.command()
def cases(
    number: Annotated[str | None, typer.Option(help="The Chinese case number.")] = None,
    status: Annotated[str | None, typer.Option(help="Only cases in this state.")] = None,
    limit: int = 20,
    court: Court = DEMO_COURT,
) -> None:
    """Enforcement cases (执行案件)."""
    with _asking(court) as house:
        found = house.get("intake", "/v1/enforcement-cases", case_number=number, status=status, limit=limit)
        _list(
            "Cases 执行案件",
            found,
            CASES,
        )


@app.command()
def case(case_id: str, court: Court = DEMO_COURT) -> None:
    """One case: its state, its measures, its account."""
    with _asking(court) as house:
        _show(facts(f"Case {case_id}", house.get("intake", f"/v1/enforcement-cases/{case_id}")))
        _part(house, "Control measures 控制措施", "asset_inquiry", "/v1/control-measures", case_id=case_id)
        _part(house, "Account 案款账户", "payments", f"/v1/case-accounts/{case_id}")
        _part(house, "Debt 应付", "payments", "/v1/debt-statements", case_id=case_id)


@app.command()
def timeline(case_id: str, court: Court = DEMO_COURT) -> None:
    """The river of a case: everything that happened, in order."""
    with _asking(court) as house:
        found = house.get("command_center", f"/v1/case-timelines/{case_id}", limit=200)
        _list(f"Timeline 案件时间轴 {case_id}", found, TIMELINE)


@app.command()
def alerts(level: Annotated[str | None, typer.Option(help="RED or YELLOW.")] = None, court: Court = DEMO_COURT) -> None:
    """Deadlines that are near or missed (预警)."""
    with _asking(court) as house:
        found = house.get("command_center", "/v1/alerts", level=level)
        _list(
            "Alerts 预警", found, ("alert_id", "level", "node", "title", "case_number", "case_id", "due_at", "status")
        )


@app.command()
def requests(
    status: Annotated[str | None, typer.Option(help="e.g. PENDING.")] = None,
    agency: Agency = None,
    court: Court = DEMO_COURT,
) -> None:
    """Assistance requests (协助请求); with --agency, the queue as that agency sees it."""
    with _asking(court, agency) as house:
        found = house.get("asset_inquiry", "/v1/assistance-requests", status=status)
        columns = ("request_id", "request_number", "agency_id", "kind", "status", "urgency", "answer_due_at", "case_id")
        _list("Requests 协助请求", found, columns)


@app.command()
def topics() -> None:
    """The topics table: what is published where and who may read it."""
    from libs.schemas.topics import TOPICS  # noqa: PLC0415 -- the schemas import every event; other commands need none

    rows = [
        {
            "topic": each.name,
            "partitions": each.partitions,
            "days": each.retention_days,
            "streams": list(each.categories),
        }
        for each in TOPICS
    ]
    _show(table("Topics", rows, ("topic", "partitions", "days", "streams")))


@quarantine.command("list")
def list_entries(
    service: Annotated[str | None, typer.Option(help="Only of this service.")] = None, court: Court = DEMO_COURT
) -> None:
    """Messages that wait for a decision, of every service."""
    with _asking(court) as house:
        rows: list[dict[str, Any]] = []
        for name in [service] if service else house.current.services:
            try:
                found = house.get(name, "/v1/quarantine")
            except Refused:
                continue  # a service without a consumer has no quarantine
            rows += [{"service": name, **row} for row in found["items"]]
        _show(table("Quarantine", rows, ("service", "id", "status", "cause", "tries", "quarantined_at")))


@quarantine.command()
def release(service: str, entry_id: str, court: Court = DEMO_COURT) -> None:
    """Ask for a message to be processed again, and those of its key behind it."""
    with _asking(court) as house:
        found = house.post(service, f"/v1/quarantine/{entry_id}/releases", None, secrets.token_hex(8))
        _show(facts("Release asked for", found))


@quarantine.command()
def discard(
    service: str, entry_id: str, reason: Annotated[str, typer.Option(help="Why.")], court: Court = DEMO_COURT
) -> None:
    """Give a message up for good."""
    with _asking(court) as house:
        body = {"reason": reason}
        found = house.post(service, f"/v1/quarantine/{entry_id}/discards", body, secrets.token_hex(8))
        _show(facts("Discard asked for", found))


def _part(house: House, title: str, service: str, path: str, **query: Any) -> None:
    try:
        found = house.get(service, path, **query)
    except StackUnavailable as error:
        _show(f"{title}: {error}")
        return
    if "items" in found:
        _list(title, found, ())
    else:
        _show(facts(title, found))


def _list(title: str, found: dict[str, Any], columns: tuple[str, ...]) -> None:
    rows = next((value for value in found.values() if isinstance(value, list)), [])
    _show(table(title, rows, columns))
    if found.get("next_cursor"):
        _show("… there are more")
