"""The web layer of every service: guards, strict input, problem details, health."""

from libs.web.answers import JsonResponse, Listing, page_params, respond, show
from libs.web.app import RouteUndeclared, create_app
from libs.web.approval import ApprovalBody
from libs.web.caller import Caller
from libs.web.evidence import Evidence
from libs.web.evidence_part import Custody
from libs.web.fields import (
    AccountNumber,
    CourtCode,
    CourtPath,
    FreeText,
    Identifier,
    IdPath,
    IsoDay,
    Name,
    PositiveFen,
    Text,
)
from libs.web.guards import public, scope, undeclared_routes
from libs.web.long_poll import poll, wait_param
from libs.web.ndjson import NDJSON_BODY, Line, ndjson_answer, ndjson_lines, ndjson_texts, spooled_answer
from libs.web.purpose import Purpose, agency_purpose, purpose
from libs.web.requests import if_match, meta_of
from libs.web.runner import run
from libs.web.settings import ServiceSettings, WebSettings
from libs.web.sight import fold_for
from libs.web.signs import Background
from libs.web.strict_model import RequestModel
from libs.web.tokens import DevIssuer, TokenVerifier

__all__ = [
    "NDJSON_BODY",
    "AccountNumber",
    "ApprovalBody",
    "Background",
    "Caller",
    "CourtCode",
    "CourtPath",
    "Custody",
    "DevIssuer",
    "Evidence",
    "FreeText",
    "IdPath",
    "Identifier",
    "IsoDay",
    "JsonResponse",
    "Line",
    "Listing",
    "Name",
    "PositiveFen",
    "Purpose",
    "RequestModel",
    "RouteUndeclared",
    "ServiceSettings",
    "Text",
    "TokenVerifier",
    "WebSettings",
    "agency_purpose",
    "create_app",
    "fold_for",
    "if_match",
    "meta_of",
    "ndjson_answer",
    "ndjson_lines",
    "ndjson_texts",
    "page_params",
    "poll",
    "public",
    "purpose",
    "respond",
    "run",
    "scope",
    "show",
    "spooled_answer",
    "undeclared_routes",
    "wait_param",
]
