"""Why a position is not taken."""

from __future__ import annotations

from libs.foundation.errors import Refused, Rejected


class PositionAhead(Refused):
    """The position lies ahead of what a signed head has named: nobody can hold what was never sent."""

    code = "position_ahead"
    title = "The position lies ahead of what was sent"
    rule = "R-CRB-33"
    remedy = "State the position of the newest head that was applied; if it is this one, report it: two lists exist."


class PositionOfAnotherView(Refused):
    """The statement names a view that is not the subscriber's own."""

    code = "position_of_another_view"
    title = "The position is of another view"
    rule = "R-CRB-33"
    remedy = "State the position in the view that the subscriber's profile names."


class PositionOfReplacedSession(Refused):
    """The statement names a session that is not the view's present one."""

    code = "position_of_replaced_session"
    title = "The position is of a session that was replaced"
    rule = "R-CRB-33"
    remedy = "Take the newest head with its snapshot, then state the position in its session."


class PositionTimesImpossible(Rejected):
    """The statement says that something was applied before it was fetched."""

    code = "position_times_impossible"
    title = "The times of the position are impossible"
    rule = "R-CRB-33"
    remedy = "Send when the head was fetched and when its entries were applied, in this order."


class PositionOfAnotherAgency(Refused):
    """The statement is signed with a key that the token's agency has not registered."""

    code = "position_of_another_agency"
    title = "The position was not signed by this agency"
    rule = "R-CRB-33"
    remedy = "Sign with a key that the subscriber's profile names, under its kid."
