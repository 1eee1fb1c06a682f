"""One read route: where, who may, what a stranger is told."""

from __future__ import annotations

from dataclasses import dataclass

PAGED_ALL = {"/v1/agencies", "/v1/quarantine", "/v1/subscribers", "/v1/joint-punishment-feed/positions"}
"""Lists of what belongs to no court."""


@dataclass(frozen=True)
class Read:
    """One GET route: where, who may, and what another court's (or agency's) person is answered."""

    service: str
    template: str
    path: str
    foreign: str | None
    """The code that strangers get; None: an empty list; `national` for what belongs to no court."""
    who: str = "u-officer"
    endless: bool = False
    """Whether its answer does not end: it is only asked for by those who get none."""
    missing: bool = False
    """Whether nothing stands there in this house."""
    personal: bool = False
    """Whether it may name people: to an agency what its request needs, to an officer with case and purpose."""

    @property
    def is_list(self) -> bool:
        """Whether it has pages."""
        return self.foreign is None or self.template in PAGED_ALL
