"""A subscriber of the joint-punishment feed 联合惩戒推送: a verified local copy that answers by itself."""

from zhixing_feed.alarms import Alarm, AlarmCode, FeedFault, FeedStopped, MeasureUnknown
from zhixing_feed.answers import Answer, AsOf, Decision, Freshness, Hit, Status
from zhixing_feed.database import CopyUnreadable
from zhixing_feed.journal import StoredReport
from zhixing_feed.judge import Limits
from zhixing_feed.pacing import Pacing
from zhixing_feed.standing import Position, State
from zhixing_feed.subscriber import Subscriber
from zhixing_feed.wire import Refused, Unavailable

__all__ = [
    "Alarm",
    "AlarmCode",
    "Answer",
    "AsOf",
    "CopyUnreadable",
    "Decision",
    "FeedFault",
    "FeedStopped",
    "Freshness",
    "Hit",
    "Limits",
    "MeasureUnknown",
    "Pacing",
    "Position",
    "Refused",
    "State",
    "Status",
    "StoredReport",
    "Subscriber",
    "Unavailable",
]
