"""The reads of credit_blacklist."""

from __future__ import annotations

from tests.e2e.bad_input.list_setting import SERVICE, ListSetting
from tests.e2e.bad_input.list_writes import FEED
from tests.e2e.bad_input.read import Read


def every_list_read(setting: ListSetting) -> list[Read]:
    """Return the table for a list in this setting."""
    return [*_court(setting), *_agencies(setting), *_feed(setting), *_operators()]


def _read(template: str, foreign: str | None, who: str = "u-officer", query: str = "", **places: str) -> Read:
    return Read(SERVICE, template, template.format(**places) + query, foreign, who)


def _court(setting: ListSetting) -> list[Read]:
    listing, order = {"listing_id": setting.listing}, {"order_id": setting.order}
    why = f"?case_id={setting.case_id}&purpose=test"
    one, unknown, lost = "/v1/listings/{listing_id}", "listing_unknown", "restriction_unknown"
    return [
        _read("/v1/listings", None),
        _read("/v1/listing-proposals", None),
        _read("/v1/listing-decisions", None),
        _read("/v1/publicity-batches", None),
        _read("/v1/restriction-orders", None),
        _read("/v1/restriction-duties", None),
        _read("/v1/listing-bars", "case_file_unknown", query=f"?case_id={setting.case_id}"),
        _read(one, unknown, **listing),
        Read(SERVICE, f"{one}/publication", f"/v1/listings/{setting.listing}/publication{why}", unknown, personal=True),
        Read(SERVICE, f"{one}/wordings", f"/v1/listings/{setting.listing}/wordings{why}", unknown, personal=True),
        _read("/v1/listing-decisions/{decision_id}", unknown, decision_id=setting.decision),
        Read(
            SERVICE,
            "/v1/listing-papers/{part_id}",
            f"/v1/listing-papers/{setting.decision}{why}",
            unknown,
            personal=True,
        ),
        _read("/v1/listing-removals/{removal_id}", unknown, removal_id=setting.removal),
        _read("/v1/listing-corrections/{correction_id}", unknown, correction_id=setting.correction),
        _read("/v1/correction-requests/{request_id}", unknown, request_id=setting.request),
        _read("/v1/publicity-batches/{batch_id}", "publicity_batch_unknown", batch_id=setting.batch),
        _read("/v1/restriction-orders/{order_id}", lost, **order),
        _read("/v1/restriction-correction-requests/{request_id}", lost, request_id=setting.objection),
        Read(
            SERVICE,
            "/v1/restriction-papers/{order_id}",
            f"/v1/restriction-papers/{setting.order}{why}",
            lost,
            personal=True,
        ),
        Read(
            SERVICE,
            "/v1/restriction-orders/{order_id}/wordings",
            f"/v1/restriction-orders/{setting.order}/wordings{why}",
            lost,
            personal=True,
        ),
    ]


def _agencies(setting: ListSetting) -> list[Read]:
    reader = "reader-air"
    return [
        _read("/v1/punishment-measures", "national", reader),
        _read("/v1/punishment-reports", None, query=f"?record_id={setting.record}"),
        _read("/v1/correction-notices", None),
        _read("/v1/restriction-check-ranges/key", "national", reader),
        Read(SERVICE, f"{FEED}/positions/me", f"{FEED}/positions/me", "national", reader, missing=True),
    ]


def _feed(setting: ListSetting) -> list[Read]:
    reader = "reader-air"
    page = f"{FEED}/pages/{{session_id}}/{{page}}"
    # What an agency is sent names the listed person: its own view, and nobody else may read it.
    entries = Read(SERVICE, f"{FEED}/entries", f"{FEED}/entries", "national", reader, personal=True)
    partial = f"{FEED}/pages/{setting.session}/0.p/1"
    bucket = f"{FEED}/buckets/{setting.session}/1/0"
    return [
        entries,
        Read(SERVICE, f"{page}.p/{{width}}", partial, "national", reader, personal=True),
        Read(SERVICE, page, f"{FEED}/pages/{setting.session}/0", "national", reader, missing=True),
        Read(SERVICE, f"{FEED}/buckets/{{session_id}}/{{sequence}}/{{bucket}}", bucket, "national", reader),
        Read(SERVICE, f"{FEED}/snapshots/{{sequence}}", f"{FEED}/snapshots/9", "national", reader, missing=True),
        Read(SERVICE, f"{FEED}/stream", f"{FEED}/stream", "national", reader, endless=True),
        _read(f"{FEED}/heads/latest", "national", reader),
        _read(f"{FEED}/checksums/{{sequence}}", "national", reader, "?buckets=true", sequence="1"),
        _read(f"{FEED}/consistency-proofs", "national", reader, "?from=0&to=1"),
        _read(f"{FEED}/key-sets/latest", "national", reader),
        _read(f"{FEED}/key-sets/{{version}}", "national", reader, version="1"),
        _read(f"{FEED}/policies/{{version}}", "national", reader, version="1"),
    ]


def _operators() -> list[Read]:
    return [
        _read("/v1/subscribers", "national", "operator"),
        _read("/v1/subscribers/{agency_id}", "national", "operator", agency_id="reader-air"),
        _read(f"{FEED}/positions", "national", "operator"),
        _read(f"{FEED}/timeliness", "national", "operator"),
        _read(f"{FEED}/views/{{view}}/sessions", "national", "operator", view="air"),
    ]
