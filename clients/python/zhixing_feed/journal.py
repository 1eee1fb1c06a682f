"""What a copy keeps beside the list: trusted keys, the policy, alarms, evidence, stops, reports, topic offsets."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zhixing_feed.alarms import Alarm, AlarmCode
from zhixing_feed.copy_state import as_text, instant
from zhixing_feed.database import Database

ALARMS_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a subscriber stopped. `hard`: until a person resumes; else until a round succeeds."""

    code: AlarmCode
    support_code: str
    detail: str
    hard: bool


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A punishment report: what was sent or is to be sent, and whether the measure's end is in it."""

    agency_reference: str
    record_id: str
    body: dict[str, Any]
    sent: bool
    ended: bool


class Journal:
    """Small tables; each write is a transaction of its own unless it is handed one."""

    def __init__(self, database: Database) -> None:
        """Keep them in the copy's file."""
        self._database = database

    def key_set(self) -> tuple[int, str] | None:
        """Return the newest trusted key set."""
        found = self._database.row("SELECT version, jws FROM key_sets ORDER BY version DESC LIMIT 1")
        return (found[0], found[1]) if found else None

    def trust(self, version: int, text: str) -> None:
        """Keep a key set that verified."""
        self._run("INSERT OR IGNORE INTO key_sets VALUES (?, ?)", (version, text))

    def policy(self) -> str | None:
        """Return the newest policy that verified."""
        found = self._database.row("SELECT jws FROM policies ORDER BY version DESC LIMIT 1")
        return str(found[0]) if found else None

    def keep_policy(self, version: int, text: str) -> None:
        """Keep a policy that verified; the head decides which one holds, so only this one is kept."""
        with self._database.transaction() as writer:
            writer.execute("DELETE FROM policies")
            writer.execute("INSERT INTO policies VALUES (?, ?)", (version, text))

    def dead_sessions(self) -> frozenset[str]:
        """Return the sessions that were replaced."""
        return frozenset(row[0] for row in self._database.rows("SELECT session_id FROM dead_sessions"))

    def stop(self) -> Stop | None:
        """Return where the subscriber stopped, None if it goes on."""
        found = self._database.row("SELECT code, support_code, detail, hard FROM stops")
        return Stop(AlarmCode(found[0]), found[1], found[2], bool(found[3])) if found else None

    def keep_stop(self, stop: Stop) -> None:
        """Stop, over restarts too."""
        row = (stop.code, stop.support_code, stop.detail, stop.hard)
        self._run("INSERT OR REPLACE INTO stops VALUES (1, ?, ?, ?, ?)", row)

    def resume(self) -> None:
        """Go on."""
        self._run("DELETE FROM stops", ())

    def keep_evidence(self, code: AlarmCode, texts: Iterable[str], at: datetime) -> None:
        """Keep what contradicts itself, as it was signed."""
        with self._database.transaction() as writer:
            for text in texts:
                row = (as_text(at), code, text)
                writer.execute("INSERT OR IGNORE INTO evidence (at, code, jws) VALUES (?, ?, ?)", row)

    def evidence(self) -> list[tuple[str, str]]:
        """Return `(alarm code, JWS)` of everything kept as evidence, in the order in which it came."""
        return [(code, jws) for code, jws in self._database.rows("SELECT code, jws FROM evidence ORDER BY id")]

    def try_keep_alarm(self, alarm: Alarm) -> bool:
        """Keep an alarm, the oldest make room; return False if a step is being written: a counter does not wait."""
        with self._database.free() as free:
            if free:
                self._keep_alarm(alarm)
        return free

    def _keep_alarm(self, alarm: Alarm) -> None:
        row = (as_text(alarm.at), alarm.code, alarm.detail, json.dumps(alarm.facts, default=str))
        with self._database.transaction() as writer:
            writer.execute("INSERT INTO alarms (at, code, detail, facts) VALUES (?, ?, ?, ?)", row)
            writer.execute("DELETE FROM alarms WHERE id <= (SELECT max(id) FROM alarms) - ?", (ALARMS_KEPT,))

    def alarms(self) -> list[Alarm]:
        """Return the alarms that are kept, oldest first."""
        rows = self._database.rows("SELECT code, detail, at, facts FROM alarms ORDER BY id")
        return [Alarm(AlarmCode(code), detail, instant(at), json.loads(facts)) for code, detail, at, facts in rows]

    def keep_report(self, report: StoredReport) -> None:
        """Keep a report as it is to be sent, or as it was."""
        body = json.dumps(report.body, ensure_ascii=False)
        row = (report.agency_reference, report.record_id, body, report.sent, report.ended)
        self._run("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?, ?)", row)

    def report(self, agency_reference: str) -> StoredReport | None:
        """Return a report by the agency's own reference."""
        return next(self._reports("r.agency_reference = ?", (agency_reference,)), None)

    def reports_unsent(self) -> list[StoredReport]:
        """Return reports that did not get through yet."""
        return list(self._reports("NOT r.sent"))

    def reports_due(self) -> list[StoredReport]:
        """Return measures that were reported, have no end, and whose record ended: the end is due."""
        return list(self._reports("NOT r.ended AND s.status IN ('REMOVED', 'SUPERSEDED')"))

    def reports_to_review(self) -> list[StoredReport]:
        """Return measures without an end whose record has another version by now: does each still stand?"""
        reports = self._reports("NOT r.ended AND s.version > json_extract(r.body, '$.record_version')")
        due = {report.agency_reference for report in self.reports_due()}
        return [report for report in reports if report.agency_reference not in due]

    def offset(self, topic: str) -> int | None:
        """Return from where on a topic is to be read."""
        found = self._database.row("SELECT next FROM offsets WHERE topic = ?", (topic,))
        return int(found[0]) if found else None

    @staticmethod
    def keep_offset(writer: sqlite3.Connection, offset: tuple[str, int] | None) -> None:
        """Keep how far a topic was read, inside the transaction of what was read."""
        if offset is not None:
            writer.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?)", offset)

    def _reports(self, where: str, parameters: tuple[Any, ...] = ()) -> Iterator[StoredReport]:
        query = (
            "SELECT r.agency_reference, r.record_id, r.body, r.sent, r.ended FROM reports r"  # noqa: S608 -- our own text
            f" LEFT JOIN records s USING (record_id) WHERE {where} ORDER BY r.agency_reference"
        )
        for reference, record_id, body, sent, ended in self._database.rows(query, parameters):
            yield StoredReport(reference, record_id, json.loads(body), bool(sent), bool(ended))

    def _run(self, query: str, parameters: tuple[Any, ...]) -> None:
        with self._database.transaction() as writer:
            writer.execute(query, parameters)
