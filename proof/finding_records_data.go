package proof

// dataFindings are of rows that are lost, or written all at once.
var dataFindings = []FindingRecord{
	{
		ID: "update-whole-table", Severity: Danger, Weighs: true,
		When: "UPDATE, DELETE or MERGE goes through a whole table outside of a batch.", Why: "Its rows stay locked until the end, the table grows by as much, and replicas lag.",
		Bad: "UPDATE users SET age = 0 WHERE name IS NULL;", Good: "-- rung:batch key=users.id\nUPDATE users SET age = 0 WHERE id BETWEEN $1 AND $2 AND name IS NULL;",
		Safe:     "write `-- rung:batch key=…` above it, in a file of its own.",
		Template: "rung new fill_COLUMN --template backfill --set table=TABLE --set column=COLUMN --set value=…",
	},
	{
		ID: "add-then-backfill", Severity: Danger, Weighs: true,
		When: "A column is added and filled in one transaction.", Why: "Reads and writes stop until the last row is filled.",
		Bad: "ALTER TABLE users ADD COLUMN nick text;\nUPDATE users SET nick = name;", Good: "-- rung:no-transaction\nALTER TABLE users ADD COLUMN nick text;\n-- rung:batch key=users.id\nUPDATE users SET nick = name WHERE id BETWEEN $1 AND $2;",
		Safe:     "fill it in a file of its own, in batches.",
		Template: "rung new TABLE_COLUMN --template add-column --set table=TABLE --set column=COLUMN --set type=TYPE --set value=…",
	},
	{
		ID: "required-column", Severity: Danger, Weighs: false,
		When: "A column is added NOT NULL and without a default.", Why: "On a table with rows it fails; on any, programs that do not know it can insert no more.",
		Bad: "ALTER TABLE users ADD COLUMN nick text NOT NULL;", Good: "ALTER TABLE users ADD COLUMN nick text NOT NULL DEFAULT '';",
		Safe:     "give it a default, or add it nullable, fill it, and make it NOT NULL later.",
		Template: "rung new TABLE_COLUMN --template add-column --set table=TABLE --set column=COLUMN --set type=TYPE --set value=…",
	},
	{
		ID: "truncate", Severity: Danger, Weighs: false,
		When: "A table that exists is emptied by TRUNCATE.", Why: "Its rows are gone, and with CASCADE those of the tables that refer to it.",
		Bad: "TRUNCATE orders;", Good: "DELETE FROM orders WHERE id = 1;",
		Safe: "name the rows, and delete them in batches.",
	},
	{
		ID: "drop-table", Severity: Danger, Weighs: false,
		When: "A table or materialized view that exists is dropped.", Why: "Its rows are gone, no down migration brings them back, and programs that use it fail at once.",
		Bad: "DROP TABLE orders;", Good: "ALTER TABLE orders SET (fillfactor = 70);",
		Safe: "stop using it, and drop it in a later release, when a copy is kept.",
	},
	{
		ID: "drop-column", Severity: Danger, Weighs: false,
		When: "A column of a table that exists is dropped.", Why: "Its values are gone, no down migration brings them back, and programs that use it fail at once.",
		Bad: "ALTER TABLE users DROP COLUMN age;", Good: "ALTER TABLE users ALTER COLUMN age SET STATISTICS 100;",
		Safe: "stop using it, and drop it in a later release.",
	},
	{
		ID: "narrowing", Severity: Danger, Weighs: false,
		When: "A column gets a type that holds less.", Why: "It fails at the first value that does not fit, or cuts it.",
		Bad: "ALTER TABLE users ALTER COLUMN name TYPE varchar(20);", Good: "ALTER TABLE users ALTER COLUMN email TYPE text;",
		Safe: "add a CHECK first, NOT VALID, and validate it: that finds the rows.",
	},
}

// codeFindings are of programs that run meanwhile.
var codeFindings = []FindingRecord{
	{
		ID: "rename-column", Severity: Danger, Weighs: false, UpOnly: true,
		When: "A column of a table that exists gets another name.", Why: "Programs that use the old one fail at once, and those that use the new one until then.",
		Bad: "ALTER TABLE users RENAME COLUMN name TO full_name;", Good: "ALTER INDEX users_email_idx RENAME TO users_mail_idx;",
		Safe: "add a second column that follows the first, let programs move, then drop the first.",
	},
	{
		ID: "rename-table", Severity: Danger, Weighs: false, UpOnly: true,
		When: "A table that exists gets another name or schema.", Why: "Programs that use the old one fail at once.",
		Bad: "ALTER TABLE users RENAME TO people;", Good: "CREATE VIEW people AS SELECT id, name FROM users;",
		Safe: "rename it and, in the same transaction, make a view of the old name; drop the view in a later release.",
	},
	{
		ID: "rename-schema", Severity: Danger, Weighs: false, UpOnly: true,
		When: "A schema gets another name.", Why: "Programs that use the old one fail at once. No lock tells of it.",
		Setup: "CREATE SCHEMA shop;",
		Bad:   "ALTER SCHEMA shop RENAME TO store;", Good: "CREATE SCHEMA store;",
		Safe: "make the new schema, and move tables when no program uses the old one.",
	},
	{
		ID: "drop-not-null", Severity: Notice, Weighs: false, UpOnly: true,
		When: "A column may be NULL from here on.", Why: "Programs that read it may not expect that.",
		Setup: "CREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL);",
		Bad:   "ALTER TABLE items ALTER COLUMN name DROP NOT NULL;", Good: "ALTER TABLE items ALTER COLUMN name SET STATISTICS 100;",
		Safe: "see to it that what reads the column takes NULL.",
	},
	{
		ID: "default-changed", Severity: Notice, Weighs: false, UpOnly: true,
		When: "A column that exists gets another default.", Why: "Rows written before and after differ, and rows that are there keep theirs.",
		Bad: "ALTER TABLE users ALTER COLUMN age SET DEFAULT 18;", Good: "ALTER TABLE users ADD COLUMN nick text DEFAULT '';",
		Safe: "see to it that programs take both.",
	},
	{
		ID: "enum-rename-value", Severity: Warning, Weighs: false, UpOnly: true,
		When: "A value of an enum gets another name.", Why: "Programs that write or compare the old one fail at once.",
		Setup: "CREATE TYPE mood AS ENUM ('good', 'bad');",
		Bad:   "ALTER TYPE mood RENAME VALUE 'bad' TO 'sad';", Good: "ALTER TYPE mood ADD VALUE 'sad';",
		Safe: "add the new value, let programs move, and retire the old one.",
	},
	{
		ID: "enum-add-use", Severity: Error, Weighs: false,
		When: "A value is added to an enum and used in one transaction.", Why: "PostgreSQL refuses it (55P04).",
		Setup: "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TABLE days (id bigint PRIMARY KEY, mood mood);",
		Bad:   "ALTER TYPE mood ADD VALUE 'sad';\nINSERT INTO days VALUES (1, 'sad');", Good: "-- rung:no-transaction\nALTER TYPE mood ADD VALUE 'sad';\nINSERT INTO days VALUES (1, 'sad');",
		Safe: "use it in the next file.",
	},
	{
		ID: "json-column", Severity: Notice, Weighs: false, UpOnly: true,
		When: "A column of type json is added.", Why: "json has no equality, so SELECT DISTINCT and GROUP BY over it fail.",
		Bad: "ALTER TABLE users ADD COLUMN extra json;", Good: "ALTER TABLE users ADD COLUMN extra jsonb;",
		Safe: "use jsonb.",
	},
	{
		ID: "rls-disabled", Severity: Warning, Weighs: false,
		When: "Row level security of a table is switched off.", Why: "Every role with rights on the table sees all its rows.",
		Setup: "CREATE TABLE notes (id bigint PRIMARY KEY);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
		Bad:   "ALTER TABLE notes DISABLE ROW LEVEL SECURITY;", Good: "ALTER TABLE notes FORCE ROW LEVEL SECURITY;",
		Safe: "make sure that it is meant, and say so with `-- rung:allow`.",
	},
}

// formFindings are of how the files are written.
var formFindings = []FindingRecord{
	{
		ID: "statement-fails", Severity: Error, Weighs: false,
		When: "A statement fails on the scratch server.", Why: "It would fail in production, unless what is there differs.",
		Bad: "ALTER TABLE users DROP COLUMN agee;", Good: "ALTER TABLE users DROP COLUMN age;",
		Safe: "correct it; the statements behind it are observed as if it were not there.",
	},
	{
		ID: "concurrently-in-tx", Severity: Error, Weighs: false,
		When: "A statement that PostgreSQL refuses inside a transaction stands in one.", Why: "It fails (25001).",
		Bad: "DO $$BEGIN EXECUTE 'VACUUM users'; END$$;", Good: "VACUUM users;",
		Safe: "give it a place of its own in the file: rung then runs it outside of a transaction.",
	},
	{
		ID: "not-observed", Severity: Notice, Weighs: false,
		When: "What a statement locks could not be seen.", Why: "It runs outside of a transaction, so its locks are gone before anybody can look.",
		Setup: "CREATE PROCEDURE twice() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';",
		Bad:   "-- rung:no-transaction\nSELECT 1;\nCALL twice();", Good: "-- rung:no-transaction\nSELECT 1;\nVACUUM users;",
		Safe: "read it yourself.",
	},
	{
		ID: "no-down", Severity: Warning, Weighs: false,
		When: "A version has no down file.", Why: "It cannot be reverted.",
		Bad: "-- (without a down file)\nALTER TABLE users ADD COLUMN nick text;", Good: "-- (with a down file)\nALTER TABLE users ADD COLUMN nick text;",
		Safe: "write one, or a down file with `-- rung:irreversible REASON`; `rung verify` proves it.",
	},
	{
		ID: "fk-without-index", Severity: Warning, Weighs: true,
		When: "A foreign key is added over columns that no index starts with.", Why: "Each DELETE or key change of the table that is referred to reads this one in full.",
		Setup: "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint);",
		Bad:   "ALTER TABLE notes ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;", Good: "ALTER TABLE orders ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;",
		Safe:     "build the index first.",
		Template: "rung new TABLE_COLUMN_idx --template add-index --set table=TABLE --set columns=COLUMN",
	},
	{
		ID: "fk-type-mismatch", Severity: Warning, Weighs: false,
		When: "A foreign key's column has another type than the one that it refers to.", Why: "A key that grows out of the smaller type cannot be referred to.",
		Setup: "CREATE TABLE notes (id bigint PRIMARY KEY, user_id int);\nCREATE INDEX notes_user_id_idx ON notes (user_id);",
		Bad:   "ALTER TABLE notes ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;", Good: "ALTER TABLE orders ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;",
		Safe: "give both the same type.",
	},
	{
		ID: "identifier-cut", Severity: Warning, Weighs: false,
		When: "A name of more than 63 bytes is cut.", Why: "The object has another name than the file says, and two long names may meet.",
		Bad: "CREATE VIEW a_name_that_is_so_long_that_postgresql_cuts_it_off_without_an_error_at_all AS SELECT 1 AS one;", Good: "CREATE VIEW a_shorter_name AS SELECT 1 AS one;",
		Safe: "shorten the name.",
	},
	{
		ID: "idempotent-guards", Severity: Notice, Weighs: false,
		When: "IF [NOT] EXISTS skips what the statement says.", Why: "It did nothing: what is there may differ from what the file says.",
		Bad: "CREATE TABLE IF NOT EXISTS users (id int);", Good: "CREATE TABLE IF NOT EXISTS people (id int);",
		Safe: "leave the guard out: rung applies a version exactly once.",
	},
	{
		ID: "extension-upgrade", Severity: Warning, Weighs: false,
		When: "An extension gets another version.", Why: "Its script runs as the extension's author wrote it, and there is no way to the version before.",
		Setup: "CREATE EXTENSION hstore VERSION '1.4';",
		Bad:   "ALTER EXTENSION hstore UPDATE;", Good: "COMMENT ON EXTENSION hstore IS 'kept';",
		Safe: "read the extension's notes, and try it on a copy.",
	},
}
