"""The tables of the file of sessions, version by version. Changed only by a new migration."""

APPLICATION_ID = 0x4C565353
"""Marks a SQLite file as one of ours ("LVSS")."""

VERSION_1 = (
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        roots TEXT NOT NULL,        -- JSON list of absolute paths, as opened
        roots_key TEXT NOT NULL,    -- SHA-256 of the roots, order and case of the system apart
        created_utc TEXT NOT NULL,
        opened_utc TEXT NOT NULL,
        reader TEXT NOT NULL,       -- who reads, or read last
        view TEXT NOT NULL,         -- JSON object: position, sort, filters, operating point …
        scan INTEGER NOT NULL,      -- how often the folders were looked through
        audit_rows INTEGER NOT NULL,
        audit_head TEXT NOT NULL    -- hash of the last audit row
    )
    """,
    "CREATE INDEX sessions_roots ON sessions (roots_key)",
    """
    CREATE TABLE readers (
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        reader TEXT NOT NULL,
        assigned_utc TEXT NOT NULL,
        PRIMARY KEY (session, reader)
    )
    """,
    """
    CREATE TABLE lesions (
        id INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        name TEXT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('metadata', 'hand')),
        UNIQUE (session, name)
    )
    """,
    """
    CREATE TABLE images (
        id INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        path NOT NULL,              -- text; bytes where a file's name is no text
        position INTEGER NOT NULL,  -- in natural order, from 0
        size INTEGER,               -- bytes; with mtime_ns what tells that a file is unchanged
        mtime_ns INTEGER,
        sha256 TEXT,                -- of the file, once it was read
        lesion INTEGER REFERENCES lesions ON DELETE SET NULL,
        seen INTEGER NOT NULL,      -- number of the last scan that found it
        UNIQUE (session, path)
    )
    """,
    "CREATE INDEX images_sha256 ON images (sha256, session)",
    "CREATE INDEX images_order ON images (session, position)",
    "CREATE INDEX images_lesion ON images (lesion)",
    """
    CREATE TABLE decisions (
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        sha256 TEXT NOT NULL,
        reader TEXT NOT NULL,
        diagnosis TEXT,
        unsure INTEGER NOT NULL,
        poor_image INTEGER NOT NULL,
        flag INTEGER NOT NULL,
        star INTEGER NOT NULL,
        note TEXT NOT NULL,
        decided_utc TEXT,
        seconds REAL,
        model_shown INTEGER,        -- whether the model's answer was in sight
        model_diagnosis TEXT,       -- what the model said then
        unaided TEXT,               -- the reader's diagnosis before the model was shown
        bundle TEXT NOT NULL,       -- digest of that model
        PRIMARY KEY (session, sha256, reader)
    )
    """,
    """
    CREATE TABLE audit (
        session INTEGER NOT NULL REFERENCES sessions,
        seq INTEGER NOT NULL,       -- from 1 in each session, without gaps
        step INTEGER NOT NULL,      -- seq of the first row of what was done at once
        target INTEGER,             -- the step that an undo takes back or a redo does again
        at_utc TEXT NOT NULL,
        reader TEXT NOT NULL,
        kind TEXT NOT NULL,
        sha256 TEXT NOT NULL,       -- of the image; empty where none is meant
        bundle TEXT NOT NULL,
        old TEXT,                   -- JSON, NULL for nothing
        new TEXT,
        before TEXT NOT NULL,       -- hash of the row before; empty in the first
        hash TEXT NOT NULL,
        PRIMARY KEY (session, seq)
    )
    """,
    "CREATE INDEX audit_steps ON audit (session, step)",
    """
    CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END
    """,
    """
    CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END
    """,
)

VERSION_2 = (
    """
    CREATE TABLE metadata (
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        image TEXT NOT NULL,        -- key of a file name, as core.metadata makes it
        fields TEXT NOT NULL,       -- JSON object of texts
        PRIMARY KEY (session, image)
    )
    """,
)
