"""What reads of the feed may answer: a position that cannot be, a session or entry that is not served any more."""

from typing import Any, Final

POSITION_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {409: {}, 410: {}}
"""`responses` of the feed's routes; their words are the web layer's."""
