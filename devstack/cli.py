"""`python -m devstack …` and `zhixing …`: the commands people type."""

import signal
import sys
from typing import Annotated

import typer

from devstack import jars, runs
from devstack.errors import StackUnavailable
from devstack.stack import Stack

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Zhixing's development stack.")


def _say(text: str) -> None:
    """Progress goes to stderr, so that stdout is only what a shell may source."""
    print(text, file=sys.stderr, flush=True)


@app.command()
def up(
    run: Annotated[str | None, typer.Option(help="Name of the data folder below .devstack.")] = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Run until killed instead of proving that it starts.")] = False,
) -> None:
    """Start broker and database, print their addresses as shell exports, and keep them until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Stack(run, _say) as stack:
            print(stack.exports(), end="", flush=True)
            if keep:
                runs.CURRENT.write_text(stack.exports())
                _say("Running until Ctrl-C; in another shell: . .devstack/current.env")
                signal.pause()
    except StackUnavailable as error:
        _say(f"✘ {error}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _say("Stopped.")


@app.command()
def pin() -> None:
    """Resolve the broker's jars anew and rewrite devstack/kafka_jars.txt (after a change of versions.py)."""
    jars.pin(_say)


@app.command()
def clean() -> None:
    """Remove the data and logs of every run that no process uses any more."""
    for name in runs.clear():
        _say(f"kept {name}: a process is using it")
