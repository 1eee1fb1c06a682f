"""Which scopes a role carries in development. In production the court's own identity provider says this."""

from __future__ import annotations

from collections.abc import Iterable

STAFF_READS = (
    *(f"intake.{name}.read" for name in ("applications", "cases", "documents", "approvals", "parties", "rosters")),
    *(f"asset_inquiry.{name}.read" for name in ("inquiries", "assets", "controls", "agencies")),
    *(
        f"payments.{name}.read"
        for name in ("accounts", "debts", "incoming", "payouts", "trial_balances", "fund_accounts")
    ),
    *(f"command_center.{name}.read" for name in ("timelines", "nodes", "alerts", "notifications")),
    "credit_blacklist.checks.read",
    *(
        f"credit_blacklist.{name}.read"
        for name in ("listings", "restrictions", "measures", "reports", "subscribers", "feed")
    ),
)
"""What everybody who works at the court may read; which cases, their token's court says."""

OFFICER = (
    *(f"intake.{name}.write" for name in ("cases", "documents", "control_orders", "closures")),
    "asset_inquiry.inquiries.write",
    "payments.debts.write",
    "command_center.alerts.write",
    "credit_blacklist.candidates.read",
    *(f"credit_blacklist.{name}.write" for name in ("listings", "restrictions", "corrections", "publicity")),
)

EVIDENCE = tuple(
    f"{service}.evidence.read"
    for service in ("intake", "asset_inquiry", "auction", "payments", "credit_blacklist", "command_center")
)
"""The whole of a case, for whoever answers for it."""

WRITES: dict[str, tuple[str, ...]] = {
    "filing_portal": ("intake.applications.write",),
    "filing_clerk": ("intake.applications.write", "credit_blacklist.corrections.write"),
    "reviewing_judge": ("credit_blacklist.corrections.write",),
    "duty_officer": OFFICER,
    "case_officer": OFFICER,
    "duty_leader": OFFICER,
    "team_leader": OFFICER,
    "bureau_head": OFFICER,
    "president": (*OFFICER, *EVIDENCE),
    "node_supervisor": ("command_center.alerts.write",),
    "fund_officer": ("payments.payouts.write", "payments.incoming.write"),
    "fund_checker": ("payments.payouts.write", "payments.incoming.write"),
    "fund_approver": ("payments.payouts.write", "payments.incoming.write"),
    "operator": (
        "intake.rosters.write",
        "asset_inquiry.agencies.write",
        "payments.fund_accounts.write",
        "operator.quarantine.read",
        "operator.quarantine.write",
        "credit_blacklist.subscribers.write",
        "credit_blacklist.sessions.read",
        "credit_blacklist.sessions.write",
    ),
}


AGENCY = (
    *(f"credit_blacklist.{name}.read" for name in ("feed", "checks", "reports", "measures")),
    *(f"credit_blacklist.{name}.write" for name in ("positions", "reports")),
)
"""What a subscriber of the list may do."""


def scopes_of(roles: Iterable[str]) -> list[str]:
    """Return the scopes of a person with these roles."""
    return sorted({scope for role in roles for scope in (*STAFF_READS, *WRITES.get(role, ()))})
