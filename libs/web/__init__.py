"""The web layer of every service: guards, strict input, problem details, health."""

from libs.web.answers import JsonResponse, Listing, page_params, respond, show
from libs.web.app import Background, create_app
from libs.web.caller import Caller
from libs.web.guards import public, scope, undeclared_routes
from libs.web.requests import Identifier, Name, PositiveFen, RequestModel, Text, if_match, meta_of
from libs.web.runner import run
from libs.web.settings import ServiceSettings, WebSettings
from libs.web.tokens import DevIssuer, TokenVerifier

dev_issuer = DevIssuer
"""The contract's name for the development issuer."""

__all__ = [
    "Background",
    "Caller",
    "DevIssuer",
    "Identifier",
    "JsonResponse",
    "Listing",
    "Name",
    "PositiveFen",
    "RequestModel",
    "ServiceSettings",
    "Text",
    "TokenVerifier",
    "WebSettings",
    "create_app",
    "dev_issuer",
    "if_match",
    "meta_of",
    "page_params",
    "public",
    "respond",
    "run",
    "scope",
    "show",
    "undeclared_routes",
]
