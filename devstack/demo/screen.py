"""What people see while a story is played: stages with the business time beside them, bars while agencies answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from libs.foundation.clock import SHANGHAI, Clock
from libs.foundation.fen import yuan

if TYPE_CHECKING:
    from devstack.demo.production import Outcome

WIDTH = 118
BAR_WIDTH = 10

STATE_STEPS = {"WAITING": 1, "REISSUED": 1, "ACKNOWLEDGED": 4, "RETURNED": 3, "OVERDUE": 4, "PARTIAL": 7, "FINAL": 10}
"""How full an agency's bar is in each state of its request."""


class Screen:
    """The story's page on the terminal."""

    stamp = "%H:%M"
    """How the business time of a step is written; a story that goes over many days writes the day as well."""

    def __init__(self, clock: Clock) -> None:
        """Write to the standard output, stamped with the business time of `clock`."""
        self.console = self.console_of_people()
        self._clock = clock

    @staticmethod
    def console_of_people() -> Console:
        """Return the console that every page of a story is written on."""
        return Console(highlight=False, width=WIDTH)

    def title(self, text: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.print(f" [bold]{escape(text)}[/bold]")

    def ready(self, text: str) -> None:
        """Say that a part of the stack is up."""
        self.console.print(f" [green]✔[/green] {escape(text)}")

    def stage(self, name: str, text: str, aside: str = "") -> None:
        """Tell one step of the case, with the business time at which it was told."""
        stamp = self._clock.now().astimezone(SHANGHAI).strftime(self.stamp)
        tail = f"   [dim]{escape(aside)}[/dim]" if aside else ""
        self.console.print(f" [cyan]{stamp}[/cyan] [bold]{name}[/bold]    {escape(text)}{tail}", soft_wrap=True)

    def more(self, text: str) -> None:
        """Add a line to the step above."""
        self.console.print(f"               [dim]{escape(' '.join(text.split()))}[/dim]", soft_wrap=True)

    def place(self, text: str) -> None:
        """Say where something is; an address is never broken over lines."""
        self.console.print(f"  [dim]{escape(text)}[/dim]", soft_wrap=True)

    def proof(self, text: str, *, holds: bool) -> None:
        """State one proof."""
        mark = "[green]✔[/green]" if holds else "[red]✘[/red]"
        self.console.print(f"  {mark} {escape(text)}")

    def live(self) -> Live:
        """Return a region that is redrawn in place; where the output is no terminal only its last state is printed."""
        return Live(console=self.console, auto_refresh=False)


def inquiry_table(inquiry: dict[str, Any]) -> Table:
    """Draw the completeness of an inquiry: one agency a row."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(width=8)
    table.add_column(no_wrap=True)
    for agency in inquiry["agencies"]:
        state = str(agency["state"])
        steps = STATE_STEPS.get(state, 1)
        colour = "green" if state == "FINAL" else "yellow"
        bar = f"[{colour}]{'█' * steps}[/{colour}][dim]{'░' * (BAR_WIDTH - steps)}[/dim]"
        found = yuan(agency.get("found_fen") or 0).rjust(10) if state == "FINAL" else " " * 10
        table.add_row("", f"{agency['agency_id']:<10} {bar} {state.lower():<12} {found}   [dim]{_remark(agency)}[/dim]")
    return table


def timeliness_table(rows: Iterable[dict[str, Any]]) -> Table:
    """Draw time to punish and time to un-punish: one subscriber and direction a row, medians by stage."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("", width=14)
    stages = ("appended", "named", "fetched", "applied", "ended")
    for heading in ("subscriber", "direction", "entries", *stages):
        table.add_column(heading, justify="right" if heading in stages else "left", style="dim")
    for row in rows:
        medians = [row["since_decided"].get(stage, {}).get("p50_ms") for stage in stages]
        shown = ["–" if one is None else spoken_milliseconds(one) for one in medians]
        table.add_row("", row["agency_id"], row["direction"].lower(), str(row["entries"]), *shown)
    return table


def spoken_milliseconds(milliseconds: int) -> str:
    """Return a duration as `4 s`, `3 min` or `96 d`, whatever says it in one number."""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if milliseconds >= 2 * size:
            return f"{milliseconds // size} {unit}"
    return f"{milliseconds // 1000} s"


def verdict_table(outcomes: Iterable[Outcome]) -> Table:
    """Draw how every played story ended: one story a row."""
    table = Table(box=None, padding=(0, 2, 0, 1), title="VERDICTS", title_justify="left", title_style="bold")
    for heading in ("", "story", "findings", "took"):
        table.add_column(heading, no_wrap=True)
    for outcome in outcomes:
        mark = "[green]✔[/green]" if outcome.holds else "[red]✘[/red]"
        findings = outcome.verdict.findings if outcome.verdict else ()
        held = sum(finding.holds for finding in findings)
        text = f"{held} of {len(findings)} hold" if findings else "stopped on its way"
        table.add_row(mark, escape(outcome.title), text, f"{outcome.seconds:.0f} s")
    return table


def _remark(agency: dict[str, Any]) -> str:
    remarks = []
    if agency.get("late"):
        reminders = agency.get("reminders", 0)
        remarks.append(f"late, after {reminders} reminder{'' if reminders == 1 else 's'}")
    if agency.get("replaced_by"):
        remarks.append(f"returned, reissued as {agency['replaced_by']}")
    if agency.get("replaces"):
        remarks.append(f"reissued for {agency['replaces']}")
    return "; ".join(remarks)


def spoken_duration(begin: datetime, end: datetime) -> str:
    """Return a duration as `2 h 12 min`."""
    minutes = int((end - begin).total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
