"""`python -m libs.evidence verify-jws FILE --jwks FILE`: whether a signed paper is whole and whose it is, offline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from libs.evidence.signing import SignatureInvalid, Verifier


def main(arguments: Sequence[str]) -> int:
    """Return 0 and print header and payload if the signature verifies, 1 if not, 2 if a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m libs.evidence", description="Looks at evidence, offline.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify-jws", help="verify one compact JWS")
    verify.add_argument("file", type=Path, help="the compact JWS, or - for standard input")
    verify.add_argument("--jwks", type=Path, required=True, help="the signer's public keys")
    options = parser.parse_args(arguments)
    try:
        token = sys.stdin.read() if str(options.file) == "-" else options.file.read_text()
        verifier = Verifier(orjson.loads(options.jwks.read_bytes()))
        header, payload = verifier.opened(token.strip())
    except SignatureInvalid as error:
        sys.stderr.write(f"✘ {error.detail}\n")
        return 1
    except (OSError, ValueError, AttributeError) as error:
        sys.stderr.write(f"✘ cannot be read: {error}\n")
        return 2
    sys.stdout.write(orjson.dumps({"header": header, "payload": payload}, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
