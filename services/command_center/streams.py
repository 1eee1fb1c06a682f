"""The names of this service's streams."""

from __future__ import annotations

from libs.foundation.ids import stream_name


def dossier_stream(case_id: str) -> str:
    """Return the stream of a case's dossier, published for all."""
    return stream_name("dossier", case_id)


def filing_stream(application_id: str) -> str:
    """Return the private stream of an application that may become a case."""
    return stream_name("filing", application_id)


def officer_stream(court: str, officer_id: str) -> str:
    """Return the private contact of an officer."""
    return stream_name("contact", "officer", court, officer_id)


def post_stream(court: str, kind: str) -> str:
    """Return the private contact of whoever holds a post at a court."""
    return stream_name("contact", "post", court, kind)


def party_stream(party_id: str) -> str:
    """Return the private contact of a party."""
    return stream_name("contact", "party", party_id)


def agency_stream(agency_id: str) -> str:
    """Return what an agency is called."""
    return stream_name("contact", "agency", agency_id)
