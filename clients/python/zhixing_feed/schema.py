"""The copy's tables. One file is one copy of one view; what stands in it after a commit is the whole truth."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1

TABLES: Final = """
CREATE TABLE IF NOT EXISTS copy (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    view            TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    sequence        INTEGER NOT NULL,
    set_count       INTEGER NOT NULL,
    set_state       BLOB NOT NULL,
    log_size        INTEGER NOT NULL,
    log_frontier    BLOB,               -- NULL: the log was not followed entry by entry, its root comes from heads
    head            TEXT,               -- the head at which the copy was last proved whole
    head_sha256     TEXT,
    seen_head       TEXT,               -- the newest head that was accepted; the copy may still be on its way there
    growth_since    TEXT NOT NULL,
    growth_base     INTEGER NOT NULL,
    growth_added    INTEGER NOT NULL,
    fetched_at      TEXT NOT NULL,
    applied_at      TEXT NOT NULL,
    snapshot_reason TEXT,
    epoch           INTEGER NOT NULL,
    issued_at       TEXT,               -- when this was the whole list, and until when that counts as fresh
    valid_until     TEXT
);
CREATE TABLE IF NOT EXISTS records (
    record_id TEXT PRIMARY KEY,
    version   INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    status    TEXT NOT NULL,            -- LISTED, RESTRICTED, REMOVED; SUPERSEDED: a verified list lacked it
    sha256    BLOB NOT NULL,            -- over the entry's bytes: what the set counts
    jws       TEXT NOT NULL,            -- the entry as it was signed
    bucket    INTEGER NOT NULL,
    epoch     INTEGER NOT NULL          -- by which replacement of the whole list it was last seen
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    type      TEXT NOT NULL,
    number    TEXT NOT NULL,
    record_id TEXT NOT NULL,
    PRIMARY KEY (type, number, record_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_of_record ON documents (record_id);
CREATE TABLE IF NOT EXISTS buckets (bucket INTEGER PRIMARY KEY, set_count INTEGER NOT NULL, set_state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS pages (
    session_id TEXT NOT NULL, page INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (session_id, page)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_sessions (session_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_sets (version INTEGER PRIMARY KEY, jws TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS policies (version INTEGER PRIMARY KEY, jws TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS stops (
    id INTEGER PRIMARY KEY CHECK (id = 1), code TEXT NOT NULL, support_code TEXT NOT NULL, detail TEXT NOT NULL,
    hard INTEGER NOT NULL               -- 1: until a person resumes; 0: until the next round succeeds
);
CREATE TABLE IF NOT EXISTS evidence (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, code TEXT NOT NULL, jws TEXT NOT NULL, UNIQUE (code, jws)
);
CREATE TABLE IF NOT EXISTS alarms (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, facts TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS reports (
    agency_reference TEXT PRIMARY KEY,
    record_id        TEXT NOT NULL,
    body             TEXT NOT NULL,
    sent             INTEGER NOT NULL,
    ended            INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
"""
