"""Which scopes a role carries in development. In production the court's own identity provider says this."""

from __future__ import annotations

from collections.abc import Iterable

STAFF_READS = (
    "intake.applications.read",
    "intake.cases.read",
    "intake.documents.read",
    "intake.approvals.read",
    "intake.parties.read",
    "intake.rosters.read",
    "asset_inquiry.inquiries.read",
    "asset_inquiry.assets.read",
    "asset_inquiry.controls.read",
    "asset_inquiry.agencies.read",
    "payments.accounts.read",
    "payments.debts.read",
    "payments.incoming.read",
    "payments.payouts.read",
    "payments.trial_balances.read",
    "command_center.timelines.read",
    "command_center.nodes.read",
    "command_center.alerts.read",
    "command_center.notifications.read",
)

WRITES: dict[str, tuple[str, ...]] = {}


def scopes_of(roles: Iterable[str]) -> list[str]:
    """Return the scopes of a person with these roles."""
    return sorted({scope for role in roles for scope in (*STAFF_READS, *WRITES.get(role, ()))})
