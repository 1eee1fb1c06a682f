"""One of the drill's programs: `python -m libs.testing.drill writer|relay|consumer|operator …`."""

from __future__ import annotations

import argparse
import sys

import uvloop

from libs.telemetry import configure_logging
from libs.testing.drill import consumer, operator, relay, writer

PROGRAMS = {module.PROGRAM: module for module in (writer, relay, consumer, operator)}


def main(arguments: list[str]) -> None:
    """Run the program that the arguments name until it is done or told to end."""
    parser = argparse.ArgumentParser(prog="python -m libs.testing.drill", description=__doc__)
    programs = parser.add_subparsers(dest="program", required=True)
    for name, module in PROGRAMS.items():
        module.options_of(programs.add_parser(name, description=module.__doc__))
    options = parser.parse_args(arguments)
    configure_logging(f"drill-{options.program}", "WARNING")
    # The loop that the services run on.
    uvloop.run(PROGRAMS[options.program].run(options))


if __name__ == "__main__":
    main(sys.argv[1:])
