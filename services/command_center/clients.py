"""The way out: the 12368 SMS gateway and the robot of the work group, by the effect protocol.

The intent is `NotificationRequested`; its event id is the reference. After a time-out the gateway is asked what became
of it before anything is sent again, so that nobody gets a message twice.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from libs.foundation.errors import Transient
from libs.journal import Folded, Intent, Journal
from libs.schemas.command_center import NotificationRequested
from services.command_center.domain.commands import NoteFailed, NoteSent
from services.command_center.domain.contact import Contact
from services.command_center.streams import officer_stream, party_stream, post_stream

Outcome = NoteSent | NoteFailed

CONTACT_ATTEMPTS_MAX = 5
"""A telephone number may be on its way, in another topic; after these tries the message fails for want of one."""

_NAMED_IN_TEXT = ("CASE_OFFICER", "LEADER")


class GatewaySilent(Transient):
    """A gateway did not answer, or not in a way that says what became of the message."""

    code = "gateway_silent"
    title = "The message gateway gave no usable answer"


class Gateway:
    """One gateway's own API: messages by reference."""

    def __init__(self, url: str, *, seconds_max: float) -> None:
        """Name the gateway's address; nothing is sent yet."""
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(timeout=seconds_max)

    async def send(self, body: dict[str, Any]) -> tuple[str | None, str]:
        """Return `(message_id, "")`, or `(None, reason)` if the gateway refuses. Raises `GatewaySilent`."""
        response = await self._sent("POST", "/messages", json=body)
        if response.is_client_error and response.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return None, f"网关拒收（{response.status_code}）"
        return _message_id(response), ""

    async def find(self, reference: str) -> str | None:
        """Return the message id of a reference, or None if it was never taken. Raises `GatewaySilent`."""
        response = await self._sent("GET", f"/messages/{quote(reference, safe='')}")
        return None if response.status_code == httpx.codes.NOT_FOUND else _message_id(response)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _sent(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        try:
            return await self._client.request(method, self._url + path, **kwargs)
        except httpx.HTTPError as error:
            raise GatewaySilent(type(error).__name__) from error


def _message_id(response: httpx.Response) -> str:
    if response.is_success:
        try:
            return str(response.json()["message_id"])
        except (ValueError, KeyError, TypeError) as error:
            raise GatewaySilent("The answer is not in the gateway's form.") from error
    raise GatewaySilent(f"The gateway answered {response.status_code}.")


class Messages:
    """Carries out `NotificationRequested` over the gateway of its channel. A background part: it closes connections."""

    def __init__(self, sms: Gateway, robot: Gateway) -> None:
        """`follow` gives the journal, which is built with this port in its hands."""
        self._gateways = {"SMS_12368": sms, "WORK_GROUP": robot}
        self._journal: Journal | None = None

    def follow(self, journal: Journal) -> None:
        """Look contacts up in this journal."""
        self._journal = journal

    async def start(self) -> None:
        """Open nothing: connections are made when there is something to say."""

    async def stop(self) -> None:
        """Let go of the connections."""
        for gateway in self._gateways.values():
            await gateway.close()

    def readiness(self) -> dict[str, str]:
        """Return nothing: a gateway that is down delays messages, not this service."""
        return {}

    async def perform(self, intent: Intent) -> Outcome:
        """Send the message. Raises `GatewaySilent` when nobody can say what became of it, or no number is known yet."""
        note = _note(intent)
        if note.channel == "WORK_GROUP":
            body = {"reference": intent.id, "text": note.text, "mention": await self._mentioned(intent, note)}
        else:
            contact = await self._contact(intent, note)
            if contact.phone is None:
                if intent.attempts < CONTACT_ATTEMPTS_MAX:
                    raise GatewaySilent("No telephone number is known yet.")
                return NoteFailed(note.notification_id, "无联系电话")
            body = {"reference": intent.id, "phone": contact.phone, "text": note.text}
        message_id, reason = await self._gateways[note.channel].send(body)
        if message_id is None:
            return NoteFailed(note.notification_id, reason)
        return NoteSent(note.notification_id, message_id)

    async def ask(self, intent: Intent) -> Outcome | None:
        """Return the outcome if the gateway knows the reference, None if it never took it."""
        note = _note(intent)
        message_id = await self._gateways[note.channel].find(intent.id)
        return None if message_id is None else NoteSent(note.notification_id, message_id)

    def in_doubt(self, intent: Intent) -> Outcome:
        """Return the command that records that nobody knows whether the message was sent."""
        return NoteFailed(_note(intent).notification_id, "网关多次无答复，是否送达不明")

    async def _contact(self, intent: Intent, note: NotificationRequested) -> Contact:
        assert self._journal is not None
        person = note.recipient
        if person.kind == "APPLICANT":
            stream = party_stream(person.recipient_id)
        else:
            stream = officer_stream(intent.court, person.recipient_id)
        found: Folded[Contact] = await self._journal.fold(stream, court=intent.court)
        return found.state

    async def _mentioned(self, intent: Intent, note: NotificationRequested) -> list[str]:
        """Return the ids of those whom the robot points at: the officer, and who holds the posts at the moment."""
        assert self._journal is not None
        ids = [note.recipient.recipient_id] if note.recipient.recipient_id else []
        for kind in note.mentioned:
            if kind not in _NAMED_IN_TEXT:
                found: Folded[Contact] = await self._journal.fold(post_stream(intent.court, kind), court=intent.court)
                ids += [found.state.contact_id] if found.state.contact_id else []
        return ids


def _note(intent: Intent) -> NotificationRequested:
    assert isinstance(intent.event, NotificationRequested)
    return intent.event
