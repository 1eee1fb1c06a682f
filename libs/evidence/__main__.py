"""`python -m libs.evidence`: collects the bundle of a case, verifies one offline, verifies a single signed paper."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson
from rich.console import Console

from libs.evidence.bundle import verify_bundle
from libs.evidence.bundle.collecting import CollectionFailed, collect_bundle
from libs.evidence.bundle.reporting import as_json, print_report
from libs.evidence.bundle.verifying import YOUNG_HOURS
from libs.evidence.signing import SignatureInvalid, Verifier


def main(arguments: Sequence[str]) -> int:
    """Return 0 if all is well, 1 if something was found or a service failed, 2 if a file cannot be read."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        sys.stderr.write(f"✘ cannot be read: {error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m libs.evidence", description="Collects and verifies evidence.")
    commands = parser.add_subparsers(dest="command", required=True)
    paper = commands.add_parser("verify-jws", help="verify one compact JWS")
    paper.add_argument("file", type=Path, help="the compact JWS, or - for standard input")
    paper.add_argument("--jwks", type=Path, required=True, help="the signer's public keys")
    paper.set_defaults(run=_verify_jws)
    collect = commands.add_parser("collect", help="collect the bundle of a case from running services")
    collect.add_argument("--case", required=True, help="the case's id")
    collect.add_argument("--services", nargs="+", required=True, metavar="NAME=URL")
    collect.add_argument("--token-file", type=Path, required=True, help="a bearer token for all of them")
    collect.add_argument("--purpose", default="evidence bundle", help="why it is read; every service logs it")
    collect.add_argument("-o", "--output", type=Path, required=True, metavar="BUNDLE")
    collect.set_defaults(run=_collect)
    verify = commands.add_parser("verify", help="verify a bundle, offline")
    verify.add_argument("bundle", type=Path)
    verify.add_argument("--jwks", type=Path, help="the services' keys from elsewhere: {service: JWKS} or one JWKS")
    verify.add_argument("--expect", default="", metavar="NAME,NAME", help="services that must be in it")
    verify.add_argument("--young-hours", type=int, default=YOUNG_HOURS, help="how long a commit may wait for its root")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.set_defaults(run=_verify)
    return parser


def _verify_jws(options: argparse.Namespace) -> int:
    try:
        token = sys.stdin.read() if str(options.file) == "-" else options.file.read_text()
        header, payload = Verifier(orjson.loads(options.jwks.read_bytes())).opened(token.strip())
    except SignatureInvalid as error:
        sys.stderr.write(f"✘ {error.detail}\n")
        return 1
    _print_json({"header": header, "payload": payload})
    return 0


def _collect(options: argparse.Namespace) -> int:
    addresses = dict(each.partition("=")[::2] for each in options.services)
    if not all(addresses.values()):
        sys.stderr.write("✘ --services takes NAME=URL, for example intake=http://127.0.0.1:8001\n")
        return 2
    token = options.token_file.read_text().strip()
    try:
        told = asyncio.run(_collected(options, addresses, token))
    except CollectionFailed as error:
        sys.stderr.write(f"✘ {error}\n")
        return 1
    sys.stdout.write(f"✔ {options.output}: " + ", ".join(f"{name} {lines}" for name, lines in told.items()) + "\n")
    return 0


async def _collected(options: argparse.Namespace, addresses: Mapping[str, str], token: str) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {token}"}
    clients = {name: httpx.AsyncClient(base_url=url, headers=headers) for name, url in addresses.items()}
    try:
        return await collect_bundle(options.case, clients, options.output, purpose=options.purpose)
    finally:
        for client in clients.values():
            await client.aclose()


def _verify(options: argparse.Namespace) -> int:
    with options.bundle.open("rb") as lines:
        report = verify_bundle(
            lines,
            pinned=_pinned(options.jwks, lines) if options.jwks else None,
            expected={name for name in options.expect.split(",") if name},
            young_hours=options.young_hours,
        )
    if options.json:
        _print_json(as_json(report))
    else:
        print_report(report, Console(highlight=False))
    return 0 if report.whole else 1


def _pinned(path: Path, bundle: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return the pinned keys by service; one JWKS for all holds for every service that the bundle names."""
    document = orjson.loads(path.read_bytes())
    if "keys" not in document:
        return dict(document)
    opening = orjson.loads(bundle.readline())
    bundle.seek(0)
    return dict.fromkeys(opening["services"], document)


def _print_json(value: Any) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
