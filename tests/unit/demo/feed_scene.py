"""A small feed as an observer sees it after story 2: two views, two subscribers, all signed by keys of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from devstack.demo.proof.feed_sight import FeedSight, Reader, ViewSight
from devstack.demo.proof.feed_sums import List, payload_of
from devstack.demo.proof.sight import Sight, WireRecord
from libs.evidence import Signer, jwks
from libs.evidence.keys import new_key

CASE = "（2024）京0107执1号"
SESSION = "fs_1"
ROOT, HEADS, ENTRIES = new_key(), new_key(), new_key()
VIEWS = {"air": "air-1", "finance": "bank-x"}
WRONG = "lst_wrong"


def public(key: Any) -> dict[str, Any]:
    return dict(jwks([key])["keys"][0])


def key_set(root: Any = ROOT) -> str:
    said = {
        "version": 1,
        "roots": [public(ROOT)],
        "head_keys": [public(HEADS)],
        "entry_keys": [public(ENTRIES)],
        "issued_at": "2024-03-13T01:00:00.000000Z",
    }
    return Signer(root).sign_now(said, "zhixing-key-set+jws")


def entry(view: str, record: str, version: int, change: str, **more: Any) -> str:
    said = {
        "view": view,
        "record_id": record,
        "list_type": "LISTING" if record.startswith("lst") else "RESTRICTION",
        "record_version": version,
        "status": "REMOVED" if change == "REMOVED" else "LISTED",
        "change": change,
        "subject": {"name": more.pop("name", "秦守业")},
        "case_number": more.pop("case_number", CASE),
        **more,
    }
    return Signer(ENTRIES).sign_now(said, "zhixing-entry+jws")


def head(followed: List, sequence: int, at: str, key: Any = HEADS) -> str:
    count, digest, root = followed.sums()
    said = {
        "view": followed.view,
        "session_id": SESSION,
        "sequence": sequence,
        "log_root": root,
        "set": {"alg": "lthash16-1024-shake256", "count": count, "digest": digest},
        "issued_at": at,
        "key_set_version": 1,
    }
    return Signer(key).sign_now(said, "zhixing-head+jws")


def wire(topic: str, key: str, kind: str, sequence: int, value: str) -> WireRecord:
    headers = (("kind", kind.encode()), ("session_id", SESSION.encode()), ("sequence", str(sequence).encode()))
    return WireRecord(topic, 0, 0, key.encode(), value.encode(), headers)


def removal(ground: str) -> dict[str, Any]:
    return {"removal": {"ground": ground}}


def story_of(view: str) -> list[tuple[str, list[str]]]:
    """The entries of a view, in groups that one head names, with the business time of that head."""
    other = {"name": "田志国", "case_number": "（2024）京0107执2号"}
    listed = [entry(view, "lst_1", 1, "ADDED")] if view == "finance" else []
    wrong = [entry(view, WRONG, 1, "ADDED", **other)]
    stays = entry(view, "ord_9.q", 1, "ADDED", name="丁某", case_number="（2024）京0107执9号")
    righted = entry(view, WRONG, 2, "REMOVED", correction={"nature": "WRONGLY_LISTED"}, **other)
    ended = [entry(view, "lst_1", 2, "REMOVED", **removal("ACTIVE_PERFORMANCE"))] if view == "finance" else []
    return [
        ("2024-03-26T02:00:00.000000Z", [*listed, stays, entry(view, "ord_1.p", 1, "ADDED"), *wrong]),
        ("2024-03-28T02:00:00.000000Z", [righted]),
        ("2024-06-30T03:00:00.000000Z", [entry(view, "ord_1.p", 2, "REMOVED", **removal("PERFORMED"))]),
        ("2024-07-01T03:00:00.000000Z", ended),
    ]


@dataclass
class Scene:
    """What the observer has, and what the agencies' positions say."""

    views: dict[str, ViewSight] = field(default_factory=dict)
    positions: list[tuple[str, int, tuple[int, str, str], str]] = field(default_factory=list)

    def feed(self) -> FeedSight:
        readers = {agency: Reader(agency, view, "", "") for view, agency in VIEWS.items()}
        holders = {agency: held(self.views[view]) for view, agency in VIEWS.items()}
        return FeedSight(self.views, holders, readers, public(ROOT), [key_set()])

    def sight(self) -> Sight:
        said = [
            event(
                "subscriber_position_confirmed",
                {
                    "agency_id": agency,
                    "received_at": at,
                    "statement": {
                        "sequence": sequence,
                        "figures": {"count": sums[0], "set_digest": sums[1], "log_root": sums[2]},
                    },
                },
            )
            for agency, sequence, sums, at in self.positions
        ]
        facts = [*said, *affair_events()]
        commit = {"_id": "x@1", "at": "2024-06-30T02:00:00.000000Z", "court": "京0107", "entries": [{"events": facts}]}
        return Sight({"credit_blacklist": [commit]}, [], 0, {}, {}, [])


def event(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": f"zhixing.credit_blacklist.{name}.v1", "id": name, "data": data}


def affair_events() -> list[dict[str, Any]]:
    case = {"case_id": "case_1"}
    lines = [{"code": "PRINCIPAL", "amount_fen": 10_000_000}, {"code": "DOUBLED_PART", "amount_fen": 194_250}]
    fee = {"code": "ENFORCEMENT_FEE", "amount_fen": 140_000}
    report = {"agency_id": "air-1", "agency_reference": "air-1-1", "legal_basis": "限制高消费规定 第3条"}
    return [
        event("debt_assessed", case | {"lines": [*lines, fee]}),
        event("debt_satisfied", case | {"as_of": "2024-06-30"}),
        event("payout_confirmed", case | {"purpose": "TO_APPLICANT", "amount_fen": 10_194_250}),
        event("payout_confirmed", case | {"purpose": "ENFORCEMENT_FEE", "amount_fen": 140_000}),
        event("case_closed", case | {"kind": "FULLY_PERFORMED"}),
        event("punishment_reported", report),
        event("publicity_batch_released", {"batch_id": "b"}),
        event("publicity_item_ended", {"listing_id": "lst_1"}),
        event("publicity_item_taken_down", {"listing_id": "lst_1", "evidence": {"sha256": "7d" * 32}}),
        *(
            event(name, {"agency_id": agency, "record_id": WRONG})
            for name in ("correction_notice_given", "correction_notice_answered")
            for agency in VIEWS.values()
        ),
    ]


def held(view: ViewSight) -> dict[str, Any]:
    """What a subscriber that has read a whole view says of itself."""
    followed = List(view.view)
    for record in view.deltas:
        if record.header("kind") == "entry":
            followed.apply(record.value.decode())
    refusals = [{"reference": "air-1-1"}] if view.view == "air" else []
    return {
        "session_id": SESSION,
        "sequence": len(followed.log),
        "digest": followed.digest(),
        "count": followed.count,
        "alarms": [],
        "refusals": refusals,
        "corrections": [{"record_id": WRONG}],
    }


def played() -> Scene:
    """The feed after everything went as it must."""
    scene = Scene()
    for view, agency in VIEWS.items():
        followed, deltas, newest = List(view), [], {}
        sequence, told = 0, head(List(view), 0, "2024-03-13T02:00:00.000000Z")
        for at, entries in story_of(view):
            for jws in entries:
                sequence += 1
                followed.apply(jws)
                record = wire(f"{view}.deltas", "", "entry", sequence, jws)
                deltas.append(record)
                name = str(payload_of(jws)["record_id"])
                newest[name] = wire(f"{view}.entries", name, "entry", sequence, jws)
            told = head(followed, sequence, at)
            deltas.append(wire(f"{view}.deltas", "", "head", sequence, told))
            scene.positions.append((agency, sequence, followed.sums(), at))
        pages = [page_of(view, [one.value.decode() for one in deltas if one.header("kind") == "entry"], followed)]
        compacted = [*newest.values(), wire(f"{view}.entries", "head", "head", sequence, told)]
        scene.views[view] = ViewSight(view, deltas, compacted, told, pages, told)
    return scene


def page_of(view: str, entries: list[str], followed: List) -> dict[str, Any]:
    count, digest, root = followed.sums()
    return {"view": view, "page": 0, "entries": entries, "set": {"count": count, "digest": digest}, "log_root": root}


def forged(jws: str) -> str:
    """The same words with a signature of somebody else."""
    begin, _, mark = jws.rpartition(".")
    return f"{begin}.{mark[::-1]}"
