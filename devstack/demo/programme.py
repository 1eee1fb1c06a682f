"""Which stories there are, and which of them a name means."""

from __future__ import annotations

from typing import Final

from devstack.demo.dishonest import Dishonest
from devstack.demo.production import Production
from devstack.demo.wages import Wages

EVERY: Final = "all"

FIRST: Final[Production] = Wages()
"""What `make demo` plays when nothing is named."""

STORIES: Final[tuple[Production, ...]] = (FIRST, Dishonest())


def chosen(story: str | None) -> tuple[Production, ...]:
    """Return the stories that a number, a name, `all` or nothing means; empty if it means none."""
    if story is None:
        return (FIRST,)
    if story == EVERY:
        return STORIES
    return tuple(one for one in STORIES if story in (one.number, one.name))
