"""`python -m devstack …` and `zhixing …`: the commands people type."""

import signal
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from devstack import generated, jars, questions, runs
from devstack.errors import StackUnavailable
from devstack.stack import Stack

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Zhixing's development stack.")
app.add_typer(questions.app)


def _say(text: str) -> None:
    """Progress goes to stderr, so that stdout is only what a shell may source."""
    print(text, file=sys.stderr, flush=True)


@app.command()
def up(
    run: Annotated[str | None, typer.Option(help="Name of the data folder below .devstack.")] = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Run until killed instead of proving that it starts.")] = False,
    services: Annotated[bool, typer.Option("--services", help="Start the six services on it as well.")] = False,
) -> None:
    """Start broker and database, print their addresses as shell exports, and keep them until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Stack(run, _say) as stack, ExitStack() as more:
            if services:
                from devstack import bureau  # noqa: PLC0415 - broker and database start without the web library

                more.enter_context(bureau.services(stack, _say))
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
def demo(
    story: Annotated[
        str | None, typer.Option(help="Which story to play (1, 2, a name, all); without it, the first.")
    ] = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end, until Ctrl-C.")] = False,
    compose: Annotated[bool, typer.Option("--compose", help="Play it on the services of docker-compose.yml.")] = False,
) -> None:
    """Play the bureau's main job on real Kafka and MongoDB and prove its result; exit code 1 if a proof fails."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from devstack import composed  # noqa: PLC0415 - the other commands need no story
    from devstack.demo import play  # noqa: PLC0415 - the same

    if compose and story is not None:
        _say("✘ On the compose file only the first story is played: leave STORY out.")
        raise typer.Exit(1)
    try:
        code = composed.play(keep=keep) if compose else play(story=story, keep=keep)
    except StackUnavailable as error:
        _say(f"✘ {error}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _say("Stopped.")
        raise typer.Exit(130) from None
    raise typer.Exit(code)


@app.command()
def docs(
    *,
    check: Annotated[bool, typer.Option("--check", help="Compare instead of writing.")] = False,
    allow_incompatible: Annotated[
        bool, typer.Option("--allow-incompatible", help="Only before the first release: say what breaks and go on.")
    ] = False,
) -> None:
    """Write the generated documents anew, or say which of them the code has outgrown; refuse what breaks a reader."""
    from devstack.documents import apis  # noqa: PLC0415 - the stack's own commands start without the web library
    from libs.schemas import export  # noqa: PLC0415 - the same, for the schema library

    # The events have a writer of their own: it also refuses a change that would break a subscriber.
    chosen = {"--check": check, "--allow-incompatible": allow_incompatible}
    broken = export.main([name for name, wanted in chosen.items() if wanted])
    if breaches := apis.breaches(generated.DOCS):
        _say("These changes would break those who call by the committed documents:\n  " + "\n  ".join(breaches))
        broken = broken if allow_incompatible and not check else 1
    if check and (stale := generated.differences()):
        _say("These documents are not what the code says; run `make docs`:\n  " + "\n  ".join(stale))
        broken = 1
    if not check and not broken:
        generated.rewrite()
    raise typer.Exit(broken)


@app.command()
def keys(folder: Annotated[Path, typer.Argument(help="Where the keys go; existing ones are kept.")]) -> None:
    """Make a development issuer with its JWKS, and a signing key for each service."""
    from devstack.devkeys import KeyFolder  # noqa: PLC0415 - the stack's own commands start without the web library

    KeyFolder(folder).make()


@app.command()
def feed_keys(
    folder: Annotated[Path, typer.Argument(help="Where the key sets lie: 1.jws, 2.jws and so on.")],
    *,
    root: Annotated[Path, typer.Option(help="The private root key (JWK) that signs; a root of the newest set.")],
    head: Annotated[list[Path] | None, typer.Option(help="A key that signs heads from now on; replaces those.")] = None,
    entry: Annotated[list[Path] | None, typer.Option(help="A key that signs entries; added to those.")] = None,
    next_root: Annotated[list[Path] | None, typer.Option(help="A root from now on; replaces those.")] = None,
) -> None:
    """Sign the feed's next key set, offline; public halves only are written into it."""
    from devstack import feed_keys as sets  # noqa: PLC0415 - the stack's own commands start without the web library
    from libs.evidence import load_key  # noqa: PLC0415 - the same

    try:
        heads, entries, roots = ([load_key(path) for path in paths or ()] for paths in (head, entry, next_root))
        signed = sets.sign_next(folder, load_key(root), at=datetime.now(UTC), heads=heads, entries=entries, roots=roots)
    except (sets.KeySetRefused, OSError, ValueError) as error:
        _say(f"✘ {error}")
        raise typer.Exit(1) from None
    _say(f"✔ {signed}")


@app.command()
def token(  # noqa: PLR0913 - a token has this many claims
    folder: Annotated[Path | None, typer.Argument(help="What `keys` wrote; by default, what runs here now.")] = None,
    *,
    subject: Annotated[str, typer.Option(help="Who acts, e.g. u-officer.")] = "u-operator",
    organisation: Annotated[str | None, typer.Option(help="For whom; by default the agency or the court.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="A role, e.g. case_officer; may be repeated.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="A scope, e.g. intake.*.read; by default all.")] = None,
    court: Annotated[list[str] | None, typer.Option(help="A court whose cases may be seen; may be repeated.")] = None,
    agency: Annotated[str | None, typer.Option(help="The agency's id, for an agency's own token.")] = None,
    hours: Annotated[int, typer.Option(help="How long it is valid.")] = 8,
) -> None:
    """Print a bearer token of the development issuer."""
    from devstack.devkeys import KeyFolder  # noqa: PLC0415 - the stack's own commands start without the web library
    from devstack.house import current  # noqa: PLC0415 - the same
    from libs.web import DevIssuer  # noqa: PLC0415 - the same

    try:
        key = KeyFolder(folder).issuer_key if folder else Path(current().token_key)
    except StackUnavailable as error:
        _say(f"✘ {error}")
        raise typer.Exit(1) from None
    print(
        DevIssuer(key).token(
            subject=subject,
            organisation=organisation or agency or (court or ["zhixing"])[0],
            roles=role or (["agency"] if agency else []),
            scopes=scope or ["*.*.*"],
            courts=court or [],
            agency_id=agency,
            ttl_seconds=hours * 3600,
        )
    )


@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def evidence(context: typer.Context) -> None:
    """Collect the evidence bundle of a case, or verify one offline: the same as `python -m libs.evidence`."""
    from libs.evidence.__main__ import main  # noqa: PLC0415 - the stack's own commands start without it

    raise typer.Exit(main(context.args))


@app.command()
def lock() -> None:
    """Resolve requirements.lock anew from pyproject.toml."""
    from devstack import lock as lockfile  # noqa: PLC0415 - its name is the command's

    lockfile.write()


@app.command()
def pin() -> None:
    """Resolve the broker's jars anew and rewrite devstack/kafka_jars.txt (after a change of versions.py)."""
    jars.pin(_say)


@app.command()
def clean() -> None:
    """Remove the data and logs of every run that no process uses any more."""
    for name in runs.clear():
        _say(f"kept {name}: a process is using it")
