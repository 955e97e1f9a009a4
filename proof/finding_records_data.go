package proof

// dataFindings are of rows that are lost, or written all at once.
var dataFindings = []FindingRecord{
	{
		ID: "update-whole-table", Severity: Danger, Weighs: true,
		When: "UPDATE, DELETE or MERGE goes through a whole table outside of a batch.", Why: "Its rows stay locked until the end, the table grows by as many dead rows, and replicas lag.",
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
		Safe: "stop using it, and drop it in a later release, after a backup.",
	},
	{
		ID: "drop-column", Severity: Danger, Weighs: false,
		When: "A column of a table that exists is dropped.", Why: "Its values are gone, no down migration brings them back, and programs that use it fail at once.",
		Bad: "ALTER TABLE users DROP COLUMN age;", Good: "ALTER TABLE users ALTER COLUMN age SET STATISTICS 100;",
		Safe: "stop using it, and drop it in a later release.",
	},
	{
		ID: "narrowing", Severity: Danger, Weighs: false,
		When: "A column gets a type that holds less.", Why: "The statement fails at the first value that does not fit, or rounds it.",
		Bad: "ALTER TABLE users ALTER COLUMN name TYPE varchar(20);", Good: "ALTER TABLE users ALTER COLUMN email TYPE text;",
		Safe: "add a CHECK first, NOT VALID, and validate it: that finds the rows.",
	},
	{
		ID: "would-violate", Severity: Error, Live: true,
		When: "Rows of the live database break a new NOT NULL, CHECK, foreign key, unique index or type. It is looked for with `--check-data`.", Why: "The statement would fail there.",
		Bad: "ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 18);", Good: "ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 0);",
		Safe: "fix the rows first, in a migration before it; the query at the end of the finding lists them.",
	},
	{
		ID: "drop-database", Severity: Danger,
		When: "A database is dropped.", Why: "All that is in it is gone.",
		Bad: "DROP DATABASE old_shop;", Good: "COMMENT ON TABLE orders IS 'all that is left of old_shop';",
		Safe: "drop databases by hand, after a backup.",
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
		When: "A schema gets another name.", Why: "Programs that use the old one fail at once, and no table is locked meanwhile.",
		Setup: "CREATE SCHEMA shop;",
		Bad:   "ALTER SCHEMA shop RENAME TO store;", Good: "CREATE SCHEMA store;",
		Safe: "make the new schema, and move tables when no program uses the old one.",
	},
	{
		ID: "drop-not-null", Severity: Notice, Weighs: false, UpOnly: true,
		When: "A column may be NULL from here on.", Why: "Programs that read it may not expect that.",
		Setup: "CREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL);",
		Bad:   "ALTER TABLE items ALTER COLUMN name DROP NOT NULL;", Good: "ALTER TABLE items ALTER COLUMN name SET STATISTICS 100;",
		Safe: "make sure that what reads the column takes NULL.",
	},
	{
		ID: "default-changed", Severity: Notice, Weighs: false, UpOnly: true,
		When: "A column that exists gets another default.", Why: "Rows written before and after differ, and rows that are there keep theirs.",
		Bad: "ALTER TABLE users ALTER COLUMN age SET DEFAULT 18;", Good: "ALTER TABLE users ADD COLUMN nick text DEFAULT '';",
		Safe: "make sure that programs take both.",
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
	{
		ID: "used-by", Severity: Danger, UpOnly: true,
		When: "A function's text names what is dropped or renamed, or CASCADE drops what the statement does not name.", Why: "The function fails when it is next called; PostgreSQL does not follow names in its text. rung searches the text for the name, so it may be wrong.",
		Setup: "CREATE FUNCTION grown() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM users WHERE age > 17); END';",
		Bad:   "ALTER TABLE users RENAME COLUMN age TO years;", Good: "ALTER TABLE users RENAME COLUMN seen TO seen_at;",
		Safe: "change or drop what uses it first, in a statement of its own.",
	},
	{
		ID: "grants-lost", Severity: Warning,
		When: "An object is dropped and created again in one file, without the grants, owner or comment that it had.", Why: "Roles that could use it no longer can.",
		Setup: "CREATE VIEW names AS SELECT name FROM users;\nGRANT SELECT ON names TO public;",
		Bad:   "DROP VIEW names;\nCREATE VIEW names AS SELECT id, name FROM users;", Good: "DROP VIEW names;\nCREATE VIEW names AS SELECT id, name FROM users;\nGRANT SELECT ON names TO public;",
		Safe: "repeat the grants after it, or use CREATE OR REPLACE, which keeps them.",
	},
	{
		ID: "definer-path", Severity: Warning,
		When: "A function is SECURITY DEFINER and sets no search_path.", Why: "Whoever calls it may put a schema of their own in front, and so run code with the owner's rights.",
		Bad: "CREATE FUNCTION ages() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT sum(age) FROM users';", Good: "CREATE FUNCTION ages() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT sum(age) FROM users';",
		Safe: "add SET search_path = …, pg_temp to the function.",
	},
	{
		ID: "enum-no-order", Severity: Off,
		When: "ALTER TYPE … ADD VALUE says neither BEFORE nor AFTER.", Why: "The value sorts after all others, which may not be meant.",
		Setup: "CREATE TYPE mood AS ENUM ('good', 'bad');",
		Bad:   "ALTER TYPE mood ADD VALUE 'fair';", Good: "ALTER TYPE mood ADD VALUE 'fair' BEFORE 'bad';",
		Safe: "say BEFORE or AFTER.",
	},
}

// formFindings are of how the files are written.
var formFindings = []FindingRecord{
	{
		ID: "statement-fails", Severity: Error, Weighs: false,
		When: "A statement fails on the scratch server.", Why: "It would fail in production, unless what is there differs.",
		Bad: "ALTER TABLE users DROP COLUMN agee;", Good: "ALTER TABLE users DROP COLUMN age;",
		Safe: "correct it; an extension that is not available here is one to install, or name a server that has it: --scratch-url URL. The statements after it are observed as if it were not there.",
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
		When: "A name of more than 63 bytes is truncated.", Why: "The object has another name than the file says, and two long names may become the same.",
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
		When: "An extension gets another version.", Why: "Its script runs as the extension's author wrote it, and PostgreSQL cannot go back to the version before.",
		Setup: "CREATE EXTENSION hstore VERSION '1.4';",
		Bad:   "ALTER EXTENSION hstore UPDATE;", Good: "COMMENT ON EXTENSION hstore IS 'kept';",
		Safe: "read the extension's notes, and try it on a copy.",
	},
	{
		ID: "merge-alters", Severity: Notice, Weighs: false,
		When: "Two ALTER TABLEs of one transaction each go through all rows of a table.", Why: "One ALTER TABLE with both actions goes through them once.",
		Bad: "ALTER TABLE users ALTER COLUMN age SET NOT NULL;\nALTER TABLE users ADD CHECK (age > 0);", Good: "ALTER TABLE users ALTER COLUMN age SET NOT NULL, ADD CHECK (age > 0);",
		Safe: "write them as one ALTER TABLE, or use the form that needs no scan.",
	},
	{
		ID: "short-key", Severity: Notice,
		When: "A primary key is made of one integer or smallint column.", Why: "It ends at 2,147,483,647 (smallint: 32,767), and to widen it then rewrites the table under ACCESS EXCLUSIVE.",
		Bad: "CREATE TABLE notes (id int PRIMARY KEY);", Good: "CREATE TABLE notes (id bigint PRIMARY KEY);",
		Safe: "use bigint.",
	},
	{
		ID: "wide-index", Severity: Off,
		When: "An index that is not unique has more than three columns.", Why: "Few queries use the later ones, and every write pays for them.",
		Bad: "CREATE INDEX CONCURRENTLY wide ON users (name, email, age, seen);", Good: "CREATE INDEX CONCURRENTLY wide ON users (name, email, age);",
		Safe: "leave out columns that do not narrow the search.",
	},
	{
		ID: "hash-index", Severity: Off,
		When: "An index is a hash index.", Why: "It serves only =, and can be neither unique nor sorted.",
		Bad: "CREATE INDEX CONCURRENTLY by_name ON users USING hash (name);", Good: "CREATE INDEX CONCURRENTLY by_name ON users (name);",
		Safe: "use a btree index.",
	},
	{
		ID: "style", Severity: Off,
		When: "A new column is timestamp without time zone, timetz, char(n), varchar(n), money or serial.", Why: "Another type does the same with fewer surprises.",
		Bad: "CREATE TABLE notes (id bigserial PRIMARY KEY, at timestamp);", Good: "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz);",
		Safe: "use the type that the finding names.",
	},
}
