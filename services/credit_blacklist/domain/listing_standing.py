"""What our copies of case and person say about a debtor when it is decided on listing."""

from __future__ import annotations

from datetime import date

from services.credit_blacklist.domain.casefile import CaseFile
from services.credit_blacklist.domain.listing_commands import Standing


def standing_of(casefile: CaseFile, party_id: str, birth_date: date | None) -> Standing:
    """Return the debtor's standing; seized assets suffice where the measures hold all that is owed (R-CRB-03)."""
    record = casefile.require()
    owed = casefile.debt.total_fen if casefile.debt else record.principal_fen
    return Standing(
        party=casefile.debtor(party_id),
        warned=party_id in casefile.warnings,
        satisfied_on=casefile.satisfied_on,
        closed=casefile.closed.kind if casefile.closed else None,
        closed_on=casefile.closed.closed_on if casefile.closed else None,
        assets_suffice=owed > 0 and casefile.controlled_fen >= owed,
        bars=frozenset(bar.bar for bar in casefile.standing_bars(party_id)),
        birth_date=birth_date,
        owed_fen=owed,
    )
