"""What an applicant wrote, word by word, with names in it: kept for the court's own papers, never published."""

from __future__ import annotations

from libs.schemas.envelope import Event


class ApplicationWordingKept(Event, name="application_wording_kept"):
    """The free texts of an application as they were written; other events carry them with parties masked."""

    application_id: str
    basis_content: str
    requests: str
    clues: str
