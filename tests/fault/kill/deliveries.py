"""Who must apply which event, and to which streams: the observer's own map of the house, read from its READMEs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from tests.fault.kill.facts import Entry, Facts, Happened

Json = dict[str, Any]
Rule = Callable[[Json], Iterable[str]]

AGENCY_PAPERS = frozenset(
    {
        "ASSISTANCE_QUERY_NOTICE",
        *(f"{kind}_RULING" for kind in ("FREEZE", "DEDUCTION", "RELEASE")),
        *(f"ASSISTANCE_{kind}_NOTICE" for kind in ("FREEZE", "DEDUCTION", "RELEASE")),
    }
)


def _to(*categories: str) -> Rule:
    return lambda _data: categories


def _paper(data: Json) -> Iterable[str]:
    return ("paper_copy",) if data["kind"] in AGENCY_PAPERS else ()


def _requests(data: Json) -> Iterable[str]:
    return ("content", "request") * len(data["planned"])


def _reply(data: Json) -> Iterable[str]:
    if data["kind"] != "INQUIRY":
        return ("controls",)
    assets = sum(len(answer.get("assets") or ()) for answer in data["answers"])
    return ("asset_copy",) * assets + (("inquiry",) if data["status"] == "FINAL" else ())


def _credit(data: Json) -> Iterable[str]:
    return ("controls",) if data.get("payment_reference") else ()


def _contacts(data: Json) -> Iterable[str]:
    posts = (data.get(name) for name in ("node_supervisor", "bureau_head", "president"))
    return ("contact",) * (len(data["officers"]) + sum(1 for holder in posts if holder))


CONTROLS = (
    *(f"control_{what}" for what in ("requested", "effective", "partly_effective", "queued", "refused", "released")),
    *(f"deduction_{what}" for what in ("requested", "answered", "confirmed", "failed")),
)
MONEY = ("debt_assessed", "account_credited", "debt_satisfied", "payout_confirmed", "account_settled")

RULES: dict[str, dict[str, Rule]] = {
    "intake": {
        "application_accepted": _to("numbering"),
        "case_number_bound": _to("case"),
        "inquiry_completed": _to("case"),
        "control_order_accepted": _to("case"),
        "control_order_refused": _to("case"),
        "case_account_opened": _to("case"),
        **dict.fromkeys((*CONTROLS, *MONEY), _to("case")),
    },
    "payments": {
        "case_registered": _to("account", "fund"),
        "sub_account_allotted": _to("account_name", "account_name", "account"),
        "incoming_payment_identified": _to("account"),
        "party_registered": _to("payee"),
        "party_updated": _to("payee"),
    },
    "asset_inquiry": {
        "case_registered": _to("case_copy"),
        "party_registered": _to("subject"),
        "paper_written": _paper,
        "document_approved": _paper,
        "roster_set": _to("officers"),
        "inquiry_opened": _requests,
        "reply_received": _reply,
        "control_order_issued": _to("controls"),
        "control_order_received": _to("controls"),
        "control_order_accepted": _requests,
        "debt_assessed": _to("controls"),
        "account_credited": _credit,
    },
    "command_center": {
        "application_received": _to("filing"),
        "application_defects_notified": _to("filing"),
        "application_supplemented": _to("filing"),
        "application_accepted": _to("filing", "dossier"),
        "roster_set": _contacts,
        "party_registered": _to("contact"),
        "party_updated": _to("contact"),
        "agency_registered": _to("contact"),
        **dict.fromkeys(
            (
                *("case_registered", "filing_receipt_issued", "case_triaged", "case_assigned"),
                *("document_drafted", "document_approved", "document_rejected", "document_served"),
                *("control_order_issued", "inquiry_opened", "inquiry_completed", "request_issued"),
                *("request_returned", "request_overdue", "request_cancelled", "reply_received"),
                *("control_order_refused", *(one for one in CONTROLS if not one.endswith("_requested"))),
                *("case_account_opened", *MONEY, "fund_overdue"),
                *(f"payout_{what}" for what in ("drafted", "checked", "approved", "rejected", "failed", "in_doubt")),
            ),
            _to("dossier"),
        ),
    },
}
"""By consumer and event: the categories of the streams that the event leads to, each named as often as it must be."""

MAY_ALSO: dict[tuple[str, str], str] = dict.fromkeys(
    (("command_center", f"application_{what}") for what in ("received", "defects_notified", "supplemented")),
    "dossier",
)
"""What an event may lead to besides, depending on what arrived before it."""


def applied(facts: Facts) -> list[str]:
    """Return every event that a consumer did not apply exactly once, and every entry that follows from no event."""
    by_cause: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in facts.entries():
        if entry.raw["causation_id"] is not None and entry.actor["subject"] == entry.service:
            by_cause[(entry.service, entry.raw["causation_id"])].append(entry)
    faults: list[str] = []
    known: set[str] = set()
    for event in facts.events():
        known.add(event.id)
        for consumer, rules in RULES.items():
            faults += _judged(consumer, event, rules, by_cause.get((consumer, event.id), []))
    faults += [
        f"{service}: {len(entries)} entries follow from {cause}, which never happened"
        for (service, cause), entries in by_cause.items()
        if cause not in known
    ]
    return faults


def _judged(consumer: str, event: Happened, rules: dict[str, Rule], entries: list[Entry]) -> list[str]:
    rule = rules.get(event.name)
    wanted = Counter(rule(event.data)) if rule is not None else Counter()
    found = Counter(entry.category for entry in entries)
    also = MAY_ALSO.get((consumer, event.name))
    if also is not None and found[also] == 1:
        del found[also]
    if wanted == found:
        return []
    return [f"{consumer} applied {event.name} {event.id} ({event.stream}) to {dict(found)}, not to {dict(wanted)}"]
