-- A file of sessions as version 1 wrote it. Never changed: newer programs have to open it.
PRAGMA application_id=1280725843;
PRAGMA user_version=1;
BEGIN TRANSACTION;
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
    );
INSERT INTO "audit" VALUES(1,1,1,NULL,'2026-11-21T09:00:02.000Z','Ada','assign','','',NULL,'{"readers":["Ada","Ben"]}','','02cadd0acbd17188a4d15fffabc99306f7c69f1988ac1a1cf24d875a4e76513f');
INSERT INTO "audit" VALUES(1,2,2,NULL,'2026-11-21T09:00:03.000Z','Ada','decide','5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,'{"bundle":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","decided_utc":"2026-11-21T09:00:03.000Z","diagnosis":"nv","flag":false,"model_diagnosis":"mel","model_shown":false,"note":"","poor_image":false,"seconds":2.5,"star":false,"unaided":"nv","unsure":false}','02cadd0acbd17188a4d15fffabc99306f7c69f1988ac1a1cf24d875a4e76513f','b24b4513a5d76685821704b8a65f0c0d7984980b292b06bc65161ee91d04c24f');
INSERT INTO "audit" VALUES(1,3,2,NULL,'2026-11-21T09:00:03.000Z','Ada','decide','6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,'{"bundle":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","decided_utc":"2026-11-21T09:00:03.000Z","diagnosis":"nv","flag":false,"model_diagnosis":null,"model_shown":false,"note":"","poor_image":false,"seconds":2.5,"star":false,"unaided":"nv","unsure":false}','b24b4513a5d76685821704b8a65f0c0d7984980b292b06bc65161ee91d04c24f','71dd485e2c1fdd4ffe5d51466c29602d33d8245d87228cac473305cd11d747da');
INSERT INTO "audit" VALUES(1,4,4,NULL,'2026-11-21T09:00:04.000Z','Ada','switch','5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','{"bundle":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","decided_utc":"2026-11-21T09:00:03.000Z","diagnosis":"nv","flag":false,"model_diagnosis":"mel","model_shown":false,"note":"","poor_image":false,"seconds":2.5,"star":false,"unaided":"nv","unsure":false}','{"bundle":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","decided_utc":"2026-11-21T09:00:04.000Z","diagnosis":"mel","flag":false,"model_diagnosis":"mel","model_shown":true,"note":"","poor_image":false,"seconds":1,"star":false,"unaided":"nv","unsure":false}','71dd485e2c1fdd4ffe5d51466c29602d33d8245d87228cac473305cd11d747da','0e9ac8dde040e9379a343a027fe997c5afb3d60a6e645f4b1154d6f62e87afde');
INSERT INTO "audit" VALUES(1,5,5,NULL,'2026-11-21T09:00:05.000Z','Ada','decide','d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35','',NULL,'{"bundle":"","decided_utc":null,"diagnosis":null,"flag":true,"model_diagnosis":null,"model_shown":null,"note":"border","poor_image":false,"seconds":null,"star":false,"unaided":null,"unsure":false}','0e9ac8dde040e9379a343a027fe997c5afb3d60a6e645f4b1154d6f62e87afde','8857188779ccbb65e9d07c0b5f46271e667931feb5e1d39d451fc3782b68ba8b');
INSERT INTO "audit" VALUES(1,6,6,5,'2026-11-21T09:00:06.000Z','Ada','undo','d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35','','{"bundle":"","decided_utc":null,"diagnosis":null,"flag":true,"model_diagnosis":null,"model_shown":null,"note":"border","poor_image":false,"seconds":null,"star":false,"unaided":null,"unsure":false}',NULL,'8857188779ccbb65e9d07c0b5f46271e667931feb5e1d39d451fc3782b68ba8b','ba230d048c2abf8f8ad039227130d460a8d911381cc31ae8ff378b2e733b938e');
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
    );
INSERT INTO "decisions" VALUES(1,'6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b','Ada','nv',0,0,0,0,'','2026-11-21T09:00:03.000Z',2.5,0,NULL,'nv','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');
INSERT INTO "decisions" VALUES(1,'5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9','Ada','mel',0,0,0,0,'','2026-11-21T09:00:04.000Z',1.0,1,'mel','nv','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');
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
    );
INSERT INTO "images" VALUES(1,1,'/pictures/clinic/0.jpg',0,NULL,NULL,'5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9',1,1);
INSERT INTO "images" VALUES(2,1,'/pictures/clinic/1.jpg',1,NULL,NULL,'6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b',1,1);
INSERT INTO "images" VALUES(3,1,'/pictures/clinic/2.jpg',2,NULL,NULL,'d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35',NULL,1);
CREATE TABLE lesions (
        id INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        name TEXT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('metadata', 'hand')),
        UNIQUE (session, name)
    );
INSERT INTO "lesions" VALUES(1,1,'L1','metadata');
CREATE TABLE readers (
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        reader TEXT NOT NULL,
        assigned_utc TEXT NOT NULL,
        PRIMARY KEY (session, reader)
    );
INSERT INTO "readers" VALUES(1,'Ada','2026-11-21T09:00:02.000Z');
INSERT INTO "readers" VALUES(1,'Ben','2026-11-21T09:00:02.000Z');
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
    );
INSERT INTO "sessions" VALUES(1,'cfea7127f6fe443097b0d11120a75e7e','clinic','["/pictures/clinic"]','07bcea833edc132884720cda59be7b835cf2b3aa9c1774b33bf44bd06a4be4a2','2026-11-21T09:00:00.000Z','2026-11-21T09:00:01.000Z','Ada','{"filters":{},"image":"","more":{},"operating_point":0.31,"position":2,"reader_first":true,"sort":"Uncertainty"}',1,6,'ba230d048c2abf8f8ad039227130d460a8d911381cc31ae8ff378b2e733b938e');
CREATE INDEX sessions_roots ON sessions (roots_key);
CREATE INDEX images_sha256 ON images (sha256, session);
CREATE INDEX images_order ON images (session, position);
CREATE INDEX images_lesion ON images (lesion);
CREATE INDEX audit_steps ON audit (session, step);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
COMMIT;
