"""An agency's own books: accounts and registered things, freezes, deductions, mail. On disk, so they survive."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS accounts (
    account_number TEXT PRIMARY KEY, holder_id_number TEXT NOT NULL, asset_class TEXT NOT NULL, kind TEXT NOT NULL,
    balance_fen INTEGER NOT NULL, opening_fen INTEGER NOT NULL, sealed_by_other INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS freezes (
    reference TEXT PRIMARY KEY, request_number TEXT NOT NULL, sequence INTEGER NOT NULL, account_number TEXT NOT NULL,
    limit_fen INTEGER NOT NULL, controlled_fen INTEGER NOT NULL, held_fen INTEGER NOT NULL, state TEXT NOT NULL,
    UNIQUE (request_number, sequence));
CREATE TABLE IF NOT EXISTS deductions (
    payment_reference TEXT PRIMARY KEY, account_number TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    remaining_fen INTEGER NOT NULL, runs INTEGER NOT NULL DEFAULT 1, sent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS mail (
    key TEXT PRIMARY KEY, path TEXT NOT NULL, body TEXT NOT NULL, status INTEGER, code TEXT);
CREATE TABLE IF NOT EXISTS faults (name TEXT PRIMARY KEY);
"""


class AgencyBooks:
    """One agency's books. Money leaves an account once per payment reference, however often it is asked for."""

    def __init__(self, path: Path, agency_id: str) -> None:
        """Open the books, or begin them."""
        self.agency_id = agency_id
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL;" + _TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def open_account(self, account: Mapping[str, Any], asset_class: str) -> None:
        """Open an account or register a thing; one that exists keeps its balance."""
        balance = int(account.get("balance_fen", 0))
        self._db.execute(
            "INSERT OR IGNORE INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                account["account_number"],
                account["holder_id_number"],
                account.get("asset_class", asset_class),
                account.get("kind", "借记卡"),
                balance,
                balance,
                int(bool(account.get("sealed_by_other"))),
            ),
        )

    def accounts_of(self, holder_id_number: str, asset_class: str) -> list[dict[str, Any]]:
        """Return what a person holds, each with what of it is available."""
        rows = self._all(
            "SELECT * FROM accounts WHERE holder_id_number = ? AND asset_class = ? ORDER BY account_number",
            holder_id_number,
            asset_class,
        )
        return [row | {"available_fen": self.available(row["account_number"])} for row in rows]

    def account(self, account_number: str) -> dict[str, Any] | None:
        """Return one account."""
        found = self._all("SELECT * FROM accounts WHERE account_number = ?", account_number)
        return found[0] if found else None

    def available(self, account_number: str) -> int:
        """Return the balance less what freezes hold."""
        account = self.account(account_number)
        held = self._sum("SELECT SUM(held_fen) FROM freezes WHERE account_number = ?", account_number)
        return 0 if account is None else int(account["balance_fen"]) - held

    def freeze(self, request_number: str, sequence: int, account_number: str, limit_fen: int) -> dict[str, Any]:
        """Freeze up to a limit and return the booking; the same request and item again return the first booking."""
        known = self.find_freeze(request_number, sequence)
        if known is not None:
            return known
        account = self.account(account_number)
        has_money = account is not None and account["asset_class"] in {"DEPOSIT", "NET_FUND"}
        controlled = min(limit_fen, max(0, self.available(account_number))) if has_money else limit_fen
        self._db.execute(
            "INSERT INTO freezes VALUES (?, ?, ?, ?, ?, ?, ?, 'EFFECTIVE')",
            (
                f"{self.agency_id.upper()}-F{self._count('freezes') + 1:06d}",
                request_number,
                sequence,
                account_number,
                limit_fen,
                controlled,
                controlled if has_money else 0,
            ),
        )
        return self._all("SELECT * FROM freezes WHERE request_number = ? AND sequence = ?", request_number, sequence)[0]

    def find_freeze(self, request_number: str, sequence: int) -> dict[str, Any] | None:
        """Return the booking of a request's item."""
        found = self._all("SELECT * FROM freezes WHERE request_number = ? AND sequence = ?", request_number, sequence)
        return found[0] if found else None

    def release(self, reference: str) -> None:
        """Let go of what a freeze holds."""
        self._db.execute("UPDATE freezes SET state = 'RELEASED', held_fen = 0 WHERE reference = ?", (reference,))

    def deduct(self, payment_reference: str, freeze: Mapping[str, Any], amount_fen: int) -> dict[str, Any] | None:
        """Debit what a freeze holds, once per payment reference; None if it holds less."""
        known = self._all("SELECT * FROM deductions WHERE payment_reference = ?", payment_reference)
        if known:
            self._db.execute("UPDATE deductions SET runs = runs + 1 WHERE payment_reference = ?", (payment_reference,))
            return known[0]
        if freeze["state"] != "EFFECTIVE" or int(freeze["held_fen"]) < amount_fen:
            return None
        number, remaining = freeze["account_number"], int(freeze["held_fen"]) - amount_fen
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(
            "UPDATE accounts SET balance_fen = balance_fen - ? WHERE account_number = ?", (amount_fen, number)
        )
        self._db.execute("UPDATE freezes SET held_fen = ? WHERE reference = ?", (remaining, freeze["reference"]))
        self._db.execute(
            "INSERT INTO deductions (payment_reference, account_number, amount_fen, remaining_fen) VALUES (?, ?, ?, ?)",
            (payment_reference, number, amount_fen, remaining),
        )
        self._db.execute("COMMIT")
        return self._all("SELECT * FROM deductions WHERE payment_reference = ?", payment_reference)[0]

    def money_sent(self, payment_reference: str) -> None:
        """Record that the money of a deduction reached the custodian bank."""
        self._db.execute("UPDATE deductions SET sent = 1 WHERE payment_reference = ?", (payment_reference,))

    def once(self, fault: str) -> bool:
        """Return True the first time a fault is asked for, also across restarts."""
        cursor = self._db.execute("INSERT OR IGNORE INTO faults VALUES (?)", (fault,))
        return cursor.rowcount == 1

    def letter(self, key: str) -> dict[str, Any] | None:
        """Return a message as it was written the first time: it is repeated to the byte."""
        found = self._all("SELECT * FROM mail WHERE key = ?", key)
        return found[0] | {"body": json.loads(found[0]["body"])} if found else None

    def write(self, key: str, path: str, body: Mapping[str, Any]) -> None:
        """Keep a message before it is sent."""
        self._db.execute(
            "INSERT OR IGNORE INTO mail (key, path, body) VALUES (?, ?, ?)",
            (key, path, json.dumps(body, ensure_ascii=False)),
        )

    def answered(self, key: str, status: int, code: str | None) -> None:
        """Keep what the court said to a message."""
        self._db.execute("UPDATE mail SET status = ?, code = ? WHERE key = ?", (status, code, key))

    def shown(self) -> dict[str, Any]:
        """Return the books as an auditor sees them."""
        return {
            "agency_id": self.agency_id,
            "accounts": self._all("SELECT * FROM accounts ORDER BY account_number"),
            "freezes": self._all("SELECT * FROM freezes ORDER BY reference"),
            "deductions": self._all("SELECT * FROM deductions ORDER BY payment_reference"),
            "mail": self._all("SELECT key, path, status, code FROM mail ORDER BY rowid"),
        }

    def _all(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._db.execute(query, values).fetchall()]

    def _sum(self, query: str, *values: Any) -> int:
        return int(self._db.execute(query, values).fetchone()[0] or 0)

    def _count(self, table: str) -> int:
        return self._sum(f"SELECT count(*) FROM {table}")  # noqa: S608 -- the table's name is ours
