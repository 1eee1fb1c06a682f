"""The report of a verification, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from libs.evidence.bundle.findings import KINDS, BundleReport

_SHOWN_MAX = 200


def print_report(report: BundleReport, console: Console) -> None:
    """Print what was looked at and what was found."""
    console.print(f"bundle {report.bundle_id or '?'} · case {report.case_id or '?'} · collected {report.collected_at}")
    table = Table("service", "streams", "commits", "entries", "signatures", "roots", "proofs", "open", "findings")
    found = Counter(finding.service for finding in report.findings)
    for name in sorted({*report.services, *found} - {""}):
        summary = report.services.get(name)
        figures = ("–",) * 7
        if summary is not None:
            shared = f" + {summary.shared_streams} shared" if summary.shared_streams else ""
            foreign = f" + {summary.foreign_signatures} of others" if summary.foreign_signatures else ""
            figures = (
                f"{summary.streams}{shared}",
                str(summary.commits),
                str(summary.entries),
                f"{summary.signatures}{foreign}",
                str(summary.roots),
                str(summary.proofs),
                str(summary.open_commits),
            )
        table.add_row(name, *figures, f"[red]{found[name]}[/red]" if found[name] else "[green]0[/green]")
    console.print(table)
    _print_findings(report, console)
    _print_keys(report, console)


def _print_findings(report: BundleReport, console: Console) -> None:
    for finding in report.findings[:_SHOWN_MAX]:
        service = f"{finding.service}: " if finding.service else ""
        text = escape(f"{service}{finding.place}: {finding.detail}")
        console.print(f"[red]✘ {finding.kind}[/red] {text} [dim]({KINDS[finding.kind]})[/dim]", soft_wrap=True)
    if len(report.findings) > _SHOWN_MAX:
        console.print(f"… and {len(report.findings) - _SHOWN_MAX} more")
    if report.whole:
        console.print("[green]✔ nothing is missing and nothing was changed[/green]")
    if young := sum(summary.open_commits for summary in report.services.values()):
        console.print(f"{young} commits are too young to stand under a root: only the services' word covers them yet")


def _print_keys(report: BundleReport, console: Console) -> None:
    if report.pinned:
        console.print("keys: those that were given with --jwks")
        return
    console.print(
        "keys: out of the bundle itself; compare their thumbprints with what the court publishes, or use --jwks"
    )
    for name, summary in sorted(report.services.items()):
        for key in summary.keys:
            console.print(f"  {name}: {escape(key)}")


def as_json(report: BundleReport) -> dict[str, Any]:
    """Return the report for programs."""
    return {"whole": report.whole, **asdict(report)}
