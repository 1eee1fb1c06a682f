"""(a) What the full path of a command costs over HTTP, against a FastAPI route that only parses the same body.

Product: a service process as `libs.web.run` starts it, with token check, strict body, validation, idempotency key, the
journal's chained commit at a journaled majority, access log and metrics. Rival: a FastAPI route with the same pydantic
model in uvicorn on uvloop and httptools without a log, and with the product's rare garbage collection.

Two routes are measured. `box` has the goal: a small service made with `create_app` and one decider, one command on one
stream, the answer is its state. `roster` is told beside it: intake's own `PUT /v1/courts/{court}/roster`, the only
route of the six services that is one command and nothing else (the others read streams before, or write several). Its
body is eight times as large, half of its time is its own work with people and teams, and its service runs with views
and consumer, the relay split off.
"""

from __future__ import annotations

import json
from dataclasses import replace
from statistics import median
from typing import Any

from bench.http_ground import CLIENTS, Figures, HttpGround, opened
from bench.http_load import NUMBER, Plan
from bench.letter import Letter, in_turns, ratio_of
from devstack.processes import Program
from devstack.stack import Stack

TITLE = "HTTP: the full path against a bare route"
GOAL = 0.35
AIM = 0.40
P99_MS_MAX = 150.0
"""At half load."""

ROUNDS = 3
STREAMS = 2000
COURTS = 500


def roster_plan(ground: HttpGround) -> Plan:
    """Return the plan of putting rosters: a court with four officers in a team."""
    officers = [
        {
            "officer_id": f"officer_{number}",
            "name": "张某某",
            "work_permit_number": f"53018100{number}",
            "duty_permit_number": f"云执{number:05}",
            "roles": ["case_officer"],
            "phone": "0871-67171234",
        }
        for number in range(1, 5)
    ]
    team = {"team_id": "team_1", "name": "执行一组", "kind": "ORDINARY", "leader": "officer_1"}
    offices = ("duty_officer", "duty_leader", "bureau_head", "president", "node_supervisor")
    body = {
        "court_name": f"安宁市人民法院{NUMBER}",
        "officers": officers,
        "teams": [{**team, "members": ["officer_1", "officer_2"]}],
        **dict.fromkeys(offices, "officer_2"),
    }
    return replace(
        ground.deposits(1),
        method="PUT",
        path="/v1/courts/STREAM/roster",
        streams=[f"%E4%BA%91{number:04}" for number in range(COURTS)],
        headers={
            "Authorization": f"Bearer {ground.token('intake.rosters.write', roles=['operator'])}",
            "Accept": "*/*",
        },
        body=json.dumps(body, ensure_ascii=False),
        status=200,
        warm=COURTS,
    )


async def compared(ground: HttpGround, product: Program, bare: Program, plan: Plan) -> dict[str, Any]:
    """Return the figures of a route: its product and the bare one in turns, then the product at half of its rate."""
    kept: dict[str, list[Figures]] = {product.name: [], bare.name: []}

    async def once(program: Program) -> float:
        figures = await ground.load(program, plan)
        kept[program.name].append(figures)
        return figures.rate

    ours, theirs = await in_turns(ROUNDS, lambda: once(product), lambda: once(bare))
    half = await ground.load(product, plan, rate=median(ours) / 2)
    return {
        "ratio": round(ratio_of(ours, theirs), 3),
        "product_per_second": [round(rate) for rate in ours],
        "bare_per_second": [round(rate) for rate in theirs],
        "product_answers": [figures.seen.answers for figures in kept[product.name]],
        "product_cpu_us": median(figures.server_cpu_us for figures in kept[product.name]),
        "bare_cpu_us": median(figures.server_cpu_us for figures in kept[bare.name]),
        "half_load": {
            "asked_per_second": round(median(ours) / 2),
            "answered_per_second": round(half.rate),
            "p50_ms": half.seen.p50_ms,
            "p99_ms": half.seen.p99_ms,
            "max_ms": half.seen.max_ms,
        },
    }


async def measure(stack: Stack) -> Letter:
    """Measure both routes; the ratio is that of the box, the calm is asked of both."""
    with opened(stack) as (ground, processes):
        box, intake = ground.serve("small"), ground.serve("intake", RELAY="false")
        bare = ground.serve("bare", ready="/openapi.json")
        processes.start_all()
        routes = {
            "box": await compared(ground, box, bare, ground.deposits(STREAMS)),
            "roster": await compared(ground, intake, bare, roster_plan(ground)),
        }
    ratio = routes["box"]["ratio"]
    calm = all(route["half_load"]["p99_ms"] < P99_MS_MAX for route in routes.values())
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio >= GOAL and calm,
        raw={**routes, "clients": CLIENTS, "streams": {"box": STREAMS, "roster": COURTS}},
        notes=[
            f"{name}: {route['ratio']:.2f} ({median(route['product_per_second']):.0f} of"
            f" {median(route['bare_per_second']):.0f}/s, CPU {route['product_cpu_us']:.0f} of"
            f" {route['bare_cpu_us']:.0f} µs; half load p50 {route['half_load']['p50_ms']} ms,"
            f" p99 {route['half_load']['p99_ms']} ms)"
            for name, route in routes.items()
        ]
        + [f"the aim is {AIM:.2f}; p99 at half load below {P99_MS_MAX:.0f} ms"],
    )
