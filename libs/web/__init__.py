"""The web layer of every service: guards, strict input, problem details, health."""

from libs.web.answers import JsonResponse, Listing, page_params, respond, show
from libs.web.app import RouteUndeclared, create_app
from libs.web.caller import Caller
from libs.web.guards import public, scope, undeclared_routes
from libs.web.long_poll import poll, wait_param
from libs.web.ndjson import NDJSON_BODY, Line, ndjson_answer, ndjson_lines
from libs.web.purpose import Purpose, purpose
from libs.web.requests import Identifier, Name, PositiveFen, Text, if_match, meta_of
from libs.web.runner import run
from libs.web.settings import ServiceSettings, WebSettings
from libs.web.signs import Background
from libs.web.strict_model import RequestModel
from libs.web.tokens import DevIssuer, TokenVerifier

dev_issuer = DevIssuer
"""The contract's name for the development issuer."""

__all__ = [
    "NDJSON_BODY",
    "Background",
    "Caller",
    "DevIssuer",
    "Identifier",
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
    "create_app",
    "dev_issuer",
    "if_match",
    "meta_of",
    "ndjson_answer",
    "ndjson_lines",
    "page_params",
    "poll",
    "public",
    "purpose",
    "respond",
    "run",
    "scope",
    "show",
    "undeclared_routes",
    "wait_param",
]
