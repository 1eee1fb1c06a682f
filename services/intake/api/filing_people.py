"""The people of an application on their way into the register, and their texts on their way out of sight."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from libs.foundation.errors import ZhixingError
from libs.journal import CommandMeta
from libs.schemas.intake import ApplicationWordingKept, FiledPaper
from libs.schemas.parts import PartyRef
from services.intake.api.application_bodies import ApplicationBody, PaperBody, PartyBody
from services.intake.api.desk import Desk
from services.intake.domain import party
from services.intake.domain.filing import Attempt
from services.intake.domain.party import Register, RegisterParty
from services.intake.domain.wording import KeepWording, Known, masked
from services.intake.naming import party_stream, wording_stream


def people(desk: Desk, court: str, parties: tuple[PartyBody, ...]) -> tuple[RegisterParty, ...]:
    """Return the parties of a request as the register would enter them."""
    return tuple(
        RegisterParty(
            party_id=desk.secrets.party_id(court, _numbered(body)),
            party_type=body.party_type,
            name=body.name,
            documents=body.identities(),
            phone=body.phone,
            address=body.address,
            payee_account=body.account(),
        )
        for body in parties
    )


def _numbered(body: PartyBody) -> list[tuple[str, str]]:
    return [(document.id_type, document.id_number) for document in body.identities()]


async def registered(
    desk: Desk, court: str, filers: tuple[RegisterParty, ...], meta: CommandMeta
) -> tuple[PartyRef, ...]:
    """Enter the parties into the register and return them as events name them.

    All are asked before the first is entered, so that neither one bad name nor a reused key (`KeyReused`) leaves half
    of an application behind.
    """
    await desk.journal.recall(meta)
    now = desk.now()
    for command in filers:
        known = cast("Register", (await desk.journal.fold(party_stream(command.party_id), court=court)).state)
        try:
            party.decide(known, command, now)
        except ZhixingError as error:
            error.field = error.field or "documents"
            raise
    for command in filers:
        own = meta.step("party", command.party_id, key=command.party_id)
        await desk.journal.execute(party_stream(command.party_id), command, own)
    return tuple(party.reference(one.party_id, one.name, one.party_type) for one in filers)


async def known(desk: Desk, court: str, attempt: Attempt) -> list[Known]:
    """Return the parties of an application as they stand in the register."""
    parties = (*attempt.received.applicants, *attempt.received.debtors)
    entries = [await desk.journal.fold(party_stream(one.party_id), court=court) for one in parties]
    return [entry.state.party for entry in entries if entry.state.party is not None]


def titled(papers: tuple[PaperBody, ...], parties: Iterable[Known]) -> tuple[FiledPaper, ...]:
    """Return the papers as events keep them: a title may name a person."""
    named = tuple(parties)
    return tuple(FiledPaper(kind=one.kind, title=masked(one.title, named), sha256=one.sha256) for one in papers)


async def keep_wording(desk: Desk, application_id: str, body: ApplicationBody, meta: CommandMeta) -> None:
    """Keep the texts word by word, in a stream that is never published."""
    wording = ApplicationWordingKept(
        application_id=application_id,
        basis_content=body.basis.content,
        requests=body.requests,
        clues=body.clues,
    )
    await desk.journal.execute(wording_stream(application_id), KeepWording(wording), meta.step("wording"))
