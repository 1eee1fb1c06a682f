"""Which view a caller reads: the one in its subscriber profile; a court reads its own."""

from __future__ import annotations

from libs.foundation.errors import Forbidden
from libs.journal import NATIONAL, Journal
from libs.web import Caller
from services.credit_blacklist.domain.subscriber import Subscriber, subscriber_stream
from services.credit_blacklist.rules.views import COURT, FeedView, view_of


class NotASubscriber(Forbidden):
    """The agency of the token has no subscriber profile. HTTP 403."""

    code = "not_a_subscriber"
    title = "The agency is no subscriber of the feed"
    rule = "R-CRB-33"
    remedy = "Ask the operator to register the agency under /v1/subscribers/{agency_id}."


async def subscriber_of(journal: Journal, agency_id: str) -> Subscriber:
    """Return the profile of an agency: its `view`, its `keys` by kid. Raises `NotASubscriber`."""
    state: Subscriber = (await journal.fold(subscriber_stream(agency_id), court=NATIONAL)).state
    if not state.exists:
        raise NotASubscriber
    return state


async def view_for(journal: Journal, caller: Caller) -> FeedView:
    """Return the view that the caller reads: an agency's own, for a court's token `court`. Raises `NotASubscriber`.

    A token that speaks for no agency and for no court reads nothing.
    """
    if caller.agency_id:
        return view_of((await subscriber_of(journal, caller.agency_id)).view)
    if not caller.courts:
        raise NotASubscriber
    return view_of(COURT)
