"""Answers of the APIs as tables that a person reads at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from libs.foundation.clock import SHANGHAI
from libs.foundation.fen import yuan

COLUMNS_MAX = 8
CELL_CHARS_MAX = 60


def table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> Table:
    """Return a table of rows: the wanted columns that any row has, or else the first plain ones."""
    shown = [name for name in columns if any(name in row for row in rows)] or _plain(rows)
    found = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for name in shown:
        found.add_column(_heading(name), justify="right" if name.endswith("_fen") else "left", overflow="fold")
    for row in rows:
        found.add_row(*(cell(name, row.get(name)) for name in shown))
    if not rows:
        found.caption = "nothing"
    return found


def facts(title: str, thing: Mapping[str, Any]) -> Table:
    """Return one thing as a table of its facts; lists in it are counted, not shown."""
    found = Table(title=title, title_justify="left", show_header=False)
    found.add_column(style="bold")
    found.add_column(overflow="fold")
    for name, value in thing.items():
        found.add_row(_heading(name), cell(name, value))
    return found


def cell(name: str, value: Any) -> str:
    """Return one value as text: money in yuan, instants in the court's time, lists by their length."""
    if value is None:
        return ""
    if name.endswith("_fen") and isinstance(value, int):
        return yuan(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {cell(str(key), item)}" for key, item in value.items())[:CELL_CHARS_MAX]
    if isinstance(value, list):
        plain = all(isinstance(item, str | int) for item in value)
        return ", ".join(str(item) for item in value)[:CELL_CHARS_MAX] if plain else f"{len(value)} entries"
    return _time(str(value))


def _time(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M:%S") if moment.tzinfo else text


def _heading(name: str) -> str:
    return name.removesuffix("_fen").replace("_", " ")


def _plain(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    names: dict[str, None] = {}
    for row in rows:
        names |= {name: None for name, value in row.items() if not isinstance(value, list | Mapping)}
    return list(names)[:COLUMNS_MAX]
