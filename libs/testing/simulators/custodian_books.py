"""The custodian bank's own books, on disk: what came in, what was ordered out. They survive a restart."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS incoming (
    reference TEXT PRIMARY KEY, payment_reference TEXT, account_number TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    value_at TEXT NOT NULL, payer_name TEXT NOT NULL, remark TEXT NOT NULL, from_bank TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0, result TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS one_payment ON incoming (from_bank, payment_reference);
CREATE TABLE IF NOT EXISTS transfers (
    reference TEXT PRIMARY KEY, bank_reference TEXT NOT NULL, from_account TEXT NOT NULL, to_account TEXT NOT NULL,
    to_name TEXT NOT NULL, to_bank_id TEXT NOT NULL, amount_fen INTEGER NOT NULL, remark TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', calls INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS faults (name TEXT PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Money that another bank sends to an account here."""

    from_bank: str
    payment_reference: str | None
    account_number: str
    amount_fen: int
    payer_name: str
    remark: str


@dataclass(frozen=True, slots=True)
class Order:
    """A transfer that the court orders."""

    reference: str
    from_account: str
    to_account: str
    to_name: str
    to_bank_id: str
    amount_fen: int
    remark: str


class Books:
    """Incoming payments by the bank's reference, transfers by the court's reference; each at most once."""

    def __init__(self, path: Path, bank_id: str) -> None:
        """Open the books, or begin them."""
        self._bank_id = bank_id
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL;" + TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def receive(self, arrival: Arrival, value_at: str) -> dict[str, Any]:
        """Book money in and return its line; the same payment of the same bank is booked once."""
        if arrival.payment_reference is not None:
            known = self._one(
                "SELECT * FROM incoming WHERE from_bank = ? AND payment_reference = ?",
                arrival.from_bank,
                arrival.payment_reference,
            )
            if known is not None:
                return known
        reference = self._next_reference("incoming", "IN")
        self._db.execute(
            "INSERT INTO incoming (reference, payment_reference, account_number, amount_fen, value_at, payer_name,"
            " remark, from_bank) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                reference,
                arrival.payment_reference,
                arrival.account_number,
                arrival.amount_fen,
                value_at,
                arrival.payer_name,
                arrival.remark,
                arrival.from_bank,
            ),
        )
        return self._all("SELECT * FROM incoming WHERE reference = ?", reference)[0]

    def transfer(self, order: Order, state: str, reason: str = "") -> dict[str, Any]:
        """Book an order and return it; a repeated reference returns the first one. Nothing leaves an empty account."""
        known = self.find_transfer(order.reference)
        if known is not None:
            self._db.execute("UPDATE transfers SET calls = calls + 1 WHERE reference = ?", (order.reference,))
            return known
        if state != "REFUSED" and self.balance(order.from_account) < order.amount_fen:
            state, reason = "REFUSED", "The account does not hold the amount."
        self._db.execute(
            "INSERT INTO transfers (reference, bank_reference, from_account, to_account, to_name, to_bank_id,"
            " amount_fen, remark, state, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                order.reference,
                self._next_reference("transfers", "OUT"),
                order.from_account,
                order.to_account,
                order.to_name,
                order.to_bank_id,
                order.amount_fen,
                order.remark,
                state,
                reason,
            ),
        )
        return self._all("SELECT * FROM transfers WHERE reference = ?", order.reference)[0]

    def find_transfer(self, reference: str) -> dict[str, Any] | None:
        """Return what was ordered under a reference, or None if it never came."""
        return self._one("SELECT * FROM transfers WHERE reference = ?", reference)

    def finish(self, reference: str) -> None:
        """Carry a pending order out."""
        self._db.execute("UPDATE transfers SET state = 'DONE' WHERE reference = ? AND state = 'PENDING'", (reference,))

    def balance(self, account_number: str) -> int:
        """Return what an account holds: money in, less everything that is ordered out and not refused."""
        into = self._sum("SELECT SUM(amount_fen) FROM incoming WHERE account_number = ?", account_number)
        out = self._sum(
            "SELECT SUM(amount_fen) FROM transfers WHERE from_account = ? AND state != 'REFUSED'", account_number
        )
        back = self._sum(
            "SELECT SUM(amount_fen) FROM transfers WHERE to_account = ? AND to_bank_id = ? AND state = 'DONE'",
            account_number,
            self._bank_id,
        )
        return into - out + back

    def unsent(self) -> list[dict[str, Any]]:
        """Return the lines that no statement has carried yet, oldest first."""
        return self._all("SELECT * FROM incoming WHERE sent = 0 ORDER BY rowid")

    def sent(self, reference: str, result: str) -> None:
        """Note what the court answered to a line."""
        self._db.execute("UPDATE incoming SET sent = sent + 1, result = ? WHERE reference = ?", (result, reference))

    def once(self, fault: str) -> bool:
        """Return True the first time a fault is asked for, also over restarts."""
        return self._db.execute("INSERT OR IGNORE INTO faults VALUES (?)", (fault,)).rowcount == 1

    def incoming(self) -> list[dict[str, Any]]:
        """Return every incoming payment."""
        return self._all("SELECT * FROM incoming ORDER BY rowid")

    def transfers(self) -> list[dict[str, Any]]:
        """Return every order."""
        return self._all("SELECT * FROM transfers ORDER BY rowid")

    def accounts(self) -> list[dict[str, Any]]:
        """Return every account that money came to, with what it holds."""
        numbers = self._all("SELECT DISTINCT account_number FROM incoming ORDER BY account_number")
        return [
            {"account_number": row["account_number"], "balance_fen": self.balance(row["account_number"])}
            for row in numbers
        ]

    def _next_reference(self, table: str, prefix: str) -> str:
        count = self._sum(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 -- one of two table names written here
        return f"{self._bank_id.upper()}-{prefix}-{count + 1:06d}"

    def _one(self, query: str, *values: object) -> dict[str, Any] | None:
        rows = self._all(query, *values)
        return rows[0] if rows else None

    def _all(self, query: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self._db.execute(query, values)]

    def _sum(self, query: str, *values: object) -> int:
        return int(self._db.execute(query, values).fetchone()[0] or 0)
