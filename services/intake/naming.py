"""How streams and ids of intake are named, and natural keys under a court's secret (design section 3, sentence 7)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from libs.foundation.case_number import is_court_code
from libs.foundation.court_secrets import CourtSecrets
from libs.foundation.ids import derived_id, keyed_digest, stream_name
from libs.schemas.intake import EnforcementBasis
from services.intake.domain.case.closing import ClosureUnknown
from services.intake.domain.refusals import ApplicationUnknown

_APPLICATION: Final = re.compile(r"app_((?:[0-9a-f]{2}){1,12})_([0-9a-f]{40})(?:_[1-9][0-9]{0,3})?")
_CLOSURE: Final = re.compile(r"clo_([0-9a-f]{20})_[0-9a-f]{12}")


def filing_id(
    secrets: CourtSecrets, court: str, basis: EnforcementBasis, applicants: Iterable[str], debtors: Iterable[str]
) -> str:
    """Return the id that all attempts to have this basis enforced between these parties begin with."""
    number = unicodedata.normalize("NFKC", basis.number).replace(" ", "")
    issuer = unicodedata.normalize("NFKC", basis.issued_by).replace(" ", "")
    parties = ("|".join(sorted(applicants)), "|".join(sorted(debtors)))
    digest = keyed_digest(secrets.of(court), "filing", court, basis.kind, number, issuer, *parties)
    return f"app_{court.encode().hex()}_{digest}"


def filing_stream(application_id: str) -> str:
    """Return the stream of an application or filing id. Raises `ApplicationUnknown` for anything else."""
    match = _APPLICATION.fullmatch(application_id)
    if match is None:
        raise ApplicationUnknown
    try:
        court = bytes.fromhex(match[1]).decode()
    except ValueError as error:
        raise ApplicationUnknown from error
    if not is_court_code(court):
        raise ApplicationUnknown
    return stream_name("filing", court, match[2])


def wording_stream(application_id: str) -> str:
    """Return the private stream of an application's texts."""
    return stream_name("wording", application_id)


def case_stream(case_id: str) -> str:
    """Return the stream of a case."""
    return stream_name("case", case_id)


def numbering_stream(court: str, type_code: str, year: int) -> str:
    """Return the stream that gives a court's numbers of one type and year."""
    return stream_name("numbering", court, type_code, str(year))


def party_stream(party_id: str) -> str:
    """Return the stream of a party's entry in the register."""
    return stream_name("party", party_id)


def document_stream(document_id: str) -> str:
    """Return the stream of a document."""
    return stream_name("document", document_id)


def paper_stream(document_id: str) -> str:
    """Return the stream of a document's text."""
    return stream_name("paper", document_id)


def roster_stream(court: str) -> str:
    """Return the stream of a court's roster."""
    return stream_name("roster", court)


def closure_id(case_id: str, cause: str) -> str:
    """Return the id of a proposal to close, which names its case."""
    return f"clo_{case_id.removeprefix('case_')}_{derived_id('c', cause)[2:14]}"


def case_of_closure(closure: str) -> str:
    """Return the case that a proposal to close belongs to. Raises `ClosureUnknown`."""
    match = _CLOSURE.fullmatch(closure)
    if match is None:
        raise ClosureUnknown
    return f"case_{match[1]}"
