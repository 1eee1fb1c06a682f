"""The register: what the feed holds, in one local SQLite file that follows the journal and can be lost."""

from services.credit_blacklist.feed.register.model import Checksum, Head, Held, Point, Position, Row
from services.credit_blacklist.feed.register.register import Register

__all__ = ["Checksum", "Head", "Held", "Point", "Position", "Register", "Row"]
