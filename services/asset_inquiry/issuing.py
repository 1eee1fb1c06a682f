"""From a planned request to a signed one in the queue: identity and references looked up, content signed."""

from __future__ import annotations

from collections.abc import Mapping

from libs.bus import Dispatch
from libs.evidence import Signer
from libs.foundation.errors import Transient
from libs.foundation.ids import keyed_digest
from libs.journal import NATIONAL, Journal
from libs.schemas.asset_inquiry import RequestContentRecorded, RequestIssued, SubjectRecorded
from services.asset_inquiry.content import content_hash, content_of, detached
from services.asset_inquiry.deciders import (
    agency_stream,
    asset_stream,
    case_stream,
    content_stream,
    request_stream,
    subject_stream,
)
from services.asset_inquiry.domain.agency import AgencyState
from services.asset_inquiry.domain.copies import AssetCopy, CaseCopy, ContentCopy, Keep, SubjectCopy
from services.asset_inquiry.domain.request_commands import IssueRequest

SIGNED_TYPE = "zhixing-request+jws"


class Issuing:
    """Issues requests. What it needs and has not got yet it waits for (`Transient`)."""

    def __init__(self, journal: Journal, signer: Signer, secret: bytes) -> None:
        """Sign with this key; `secret` salts contents and names assets."""
        self._journal = journal
        self._signer = signer
        self._secret = secret

    async def agency(self, agency_id: str) -> AgencyState:
        """Return a connected agency."""
        state: AgencyState = (await self._journal.fold(agency_stream(agency_id), court=NATIONAL)).state
        return state

    async def dispatches(self, draft: RequestIssued, court: str) -> list[Dispatch]:
        """Return the commands that keep the request's content and put it into the queue.

        A repeat after a crash finds what was kept the first time, so content, hash and signature never part.
        """
        stream = content_stream(draft.request_id)
        kept: ContentCopy = (await self._journal.fold(stream, court=None)).state
        record = kept.record or await self._content(draft, court)
        issued = draft.model_copy(
            update={"content_sha256": record.content_sha256, "signature": detached(record.signature)}
        )
        return [
            Dispatch(stream, Keep(record), court=court, key=draft.case_id),
            Dispatch(request_stream(draft.request_id), IssueRequest(issued), court=court, key=draft.case_id),
        ]

    async def _content(self, draft: RequestIssued, court: str) -> RequestContentRecorded:
        content = content_of(
            draft,
            court=court,
            court_name=await self._court_name(draft.case_id),
            subject=await self._subject(draft.subject.party_id),
            references=await self._references(draft),
            salt=keyed_digest(self._secret, "salt", draft.request_id),
        )
        return RequestContentRecorded(
            request_id=draft.request_id,
            content=content,
            content_sha256=content_hash(content),
            signature=await self._signer.sign(content, SIGNED_TYPE),
        )

    async def _court_name(self, case_id: str) -> str:
        copy: CaseCopy = (await self._journal.fold(case_stream(case_id), court=None)).state
        if copy.record is None:
            raise Transient(f"the case {case_id} has not arrived yet")
        return copy.record.court_name

    async def _subject(self, party_id: str) -> SubjectRecorded:
        copy: SubjectCopy = (await self._journal.fold(subject_stream(party_id), court=None)).state
        if copy.record is None:
            raise Transient(f"the party {party_id} has not arrived yet")
        return copy.record

    async def _references(self, draft: RequestIssued) -> Mapping[int, Mapping[str, str]]:
        references = {}
        for item in draft.items:
            if item.asset_id is not None:
                copy: AssetCopy = (await self._journal.fold(asset_stream(item.asset_id), court=None)).state
                if copy.record is not None:
                    references[item.sequence] = {
                        "asset_id": copy.record.agency_asset_id,
                        "account_reference": copy.record.account_reference,
                    }
        return references
