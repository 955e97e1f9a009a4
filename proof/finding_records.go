package proof

import "slices"

// findingRecords are all findings of review.
var findingRecords = slices.Concat(scanFindings, lockFindings, dataFindings, codeFindings, formFindings)

// scanFindings are of work that grows with the table, under a lock that stops
// reads or writes.
var scanFindings = []FindingRecord{
	{
		ID: "table-rewrite", Severity: Danger, Weighs: true,
		When: "A table that exists is rewritten.", Why: "Reads and writes stop until the whole table and all its indexes are written.",
		Bad: "ALTER TABLE users ALTER COLUMN age TYPE bigint;", Good: "ALTER TABLE users ALTER COLUMN email TYPE varchar(100);",
		Safe:     "add a second column, fill it in batches, and switch the two in a short transaction.",
		Template: "rung new change_COLUMN --template change-type --set table=TABLE --set column=COLUMN --set type=TYPE",
	},
	{
		ID: "table-rewrite-tool", Severity: Danger, Weighs: true,
		When: "CLUSTER or VACUUM FULL rewrites a table.", Why: "Reads and writes stop until the whole table and all its indexes are written.",
		Bad: "CLUSTER users USING users_pkey;", Good: "ALTER TABLE users CLUSTER ON users_pkey;",
		Safe: "use pg_repack or pg_squeeze, outside of migrations.",
	},
	{
		ID: "index-rebuild", Severity: Danger, Weighs: true,
		When: "A change of a column rebuilds an index, but not the table.", Why: "Reads and writes stop until the index is built.",
		Bad: "ALTER TABLE users ALTER COLUMN email TYPE varchar(50) COLLATE \"C\";", Good: "ALTER TABLE users ALTER COLUMN name TYPE text COLLATE \"C\";",
		Safe:     "build an index of the new kind CONCURRENTLY on a second column, and switch the two.",
		Template: "rung new change_COLUMN --template change-type --set table=TABLE --set column=COLUMN --set type=TYPE",
	},
	{
		ID: "scan-not-null", Severity: Danger, Weighs: true,
		When: "SET NOT NULL reads the whole table.", Why: "Reads and writes stop until every row is read.",
		Bad:      "ALTER TABLE users ALTER COLUMN age SET NOT NULL;",
		Good:     "-- rung:no-transaction\nALTER TABLE users ADD CONSTRAINT age_given CHECK (age IS NOT NULL) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT age_given;\nALTER TABLE users ALTER COLUMN age SET NOT NULL;\nALTER TABLE users DROP CONSTRAINT age_given;",
		Safe:     "add a CHECK (column IS NOT NULL) NOT VALID, validate it in a transaction of its own, then SET NOT NULL, which it proves.",
		Template: "rung new require_COLUMN --template set-not-null --set table=TABLE --set column=COLUMN",
	},
	{
		ID: "scan-check", Severity: Danger, Weighs: true,
		When: "A CHECK is validated at once.", Why: "Reads and writes stop until every row is read.",
		Bad:  "ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 0);",
		Good: "-- rung:no-transaction\nALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 0) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT grown;",
		Safe: "add it NOT VALID, and validate it in a transaction of its own, which lets reads and writes through.",
	},
	{
		ID: "scan-foreign-key", Severity: Danger, Weighs: true,
		When: "A foreign key is validated at once.", Why: "Writes to both tables stop until every row is checked.",
		Bad:      "ALTER TABLE orders ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id);",
		Good:     "-- rung:no-transaction\nALTER TABLE orders ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT of_user;",
		Safe:     "add it NOT VALID, and validate it in a transaction of its own, which lets reads and writes through.",
		Template: "rung new TABLE_foreign_key --template add-foreign-key --set table=TABLE --set columns=COLUMN --set references=OTHER",
	},
	{
		ID: "scan-partition", Severity: Danger, Weighs: true,
		When: "A partition is added, and it or the default partition is read.", Why: "Reads and writes of what is read stop until every row is checked.",
		Setup: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\nCREATE TABLE events_new (id bigint, at date);",
		Bad:   "ALTER TABLE events ATTACH PARTITION events_new FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');",
		Good:  "-- rung:no-transaction\nALTER TABLE events_new ADD CONSTRAINT fits CHECK (at IS NOT NULL AND at >= '2030-01-01' AND at < '2031-01-01') NOT VALID;\nALTER TABLE events_new VALIDATE CONSTRAINT fits;\nALTER TABLE events ATTACH PARTITION events_new FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');",
		Safe:  "give the new partition a validated CHECK that says the same as its bounds; do without a default partition, or give that a CHECK that leaves the bounds out.",
	},
	{
		ID: "scan-domain", Severity: Danger, Weighs: true,
		When: "A constraint of a domain reads every table that uses it.", Why: "Writes to all of them stop until every row is read.",
		Setup: "CREATE DOMAIN percent AS int;\nCREATE TABLE rates (id bigint PRIMARY KEY, rate percent);",
		Bad:   "ALTER DOMAIN percent ADD CONSTRAINT sane CHECK (VALUE <= 100);", Good: "ALTER DOMAIN percent ADD CONSTRAINT sane CHECK (VALUE <= 100) NOT VALID;",
		Safe: "put the CHECK on the tables, NOT VALID first; a domain's own validation takes the same lock.",
	},
	{
		ID: "scan-primary-key", Severity: Danger, Weighs: true,
		When: "A primary key makes a nullable column NOT NULL, which reads the whole table.", Why: "Reads and writes stop until every row is read.",
		Setup: "CREATE TABLE tags (id bigint);\nCREATE UNIQUE INDEX tags_id ON tags (id);\nCREATE TABLE labels (id bigint NOT NULL);\nCREATE UNIQUE INDEX labels_id ON labels (id);",
		Bad:   "ALTER TABLE tags ADD PRIMARY KEY USING INDEX tags_id;", Good: "ALTER TABLE labels ADD PRIMARY KEY USING INDEX labels_id;",
		Safe:     "make the column NOT NULL first: a validated CHECK (column IS NOT NULL) spares the scan.",
		Template: "rung new require_COLUMN --template set-not-null --set table=TABLE --set column=COLUMN",
	},
	{
		ID: "validate-same-tx", Severity: Danger, Weighs: true,
		When: "A constraint is validated in the transaction that holds a strong lock on its table.", Why: "That lock is kept through the scan, so NOT VALID has won nothing.",
		Bad:  "ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 0) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT grown;",
		Good: "-- rung:no-transaction\nALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 0) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT grown;",
		Safe: "write `-- rung:no-transaction` at the head of the file, or validate in the next one.",
	},
	{
		ID: "index-not-concurrent", Severity: Danger, Weighs: true,
		When: "An index is built on a table that exists.", Why: "Writes stop until it is built.",
		Bad: "CREATE INDEX users_name_idx ON users (name);", Good: "CREATE INDEX CONCURRENTLY users_name_idx ON users (name);",
		Safe:     "CREATE INDEX CONCURRENTLY.",
		Template: "rung new TABLE_COLUMN_idx --template add-index --set table=TABLE --set columns=COLUMN",
	},
	{
		ID: "index-by-constraint", Severity: Danger, Weighs: true,
		When: "UNIQUE, PRIMARY KEY or EXCLUDE builds its index.", Why: "Reads and writes stop until it is built.",
		Bad:      "ALTER TABLE users ADD CONSTRAINT one_name UNIQUE (name);",
		Good:     "-- rung:no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY one_name ON users (name);\nALTER TABLE users ADD CONSTRAINT one_name UNIQUE USING INDEX one_name;",
		Safe:     "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX; EXCLUDE has no such form.",
		Template: "rung new TABLE_COLUMN_key --template add-index --set table=TABLE --set columns=COLUMN --set unique=true",
	},
	{
		ID: "reindex-blocking", Severity: Danger, Weighs: true,
		When: "REINDEX without CONCURRENTLY.", Why: "Writes stop until the indexes are built, and so do reads that would use them.",
		Bad: "REINDEX TABLE users;", Good: "REINDEX TABLE CONCURRENTLY users;",
		Safe: "REINDEX … CONCURRENTLY.",
	},
}

// lockFindings are of locks that are short by themselves.
var lockFindings = []FindingRecord{
	{
		ID: "index-drop-not-concurrent", Severity: Warning, Weighs: true,
		When: "DROP INDEX without CONCURRENTLY.", Why: "It waits for every transaction that uses the table, and all later reads and writes wait behind it.",
		Bad: "DROP INDEX users_email_idx;", Good: "DROP INDEX CONCURRENTLY users_email_idx;",
		Safe: "DROP INDEX CONCURRENTLY.",
	},
	{
		ID: "refresh-blocking", Severity: Warning, Weighs: true,
		When: "REFRESH MATERIALIZED VIEW without CONCURRENTLY.", Why: "Reads of the view stop until it is computed.",
		Setup: "CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id;\nCREATE UNIQUE INDEX totals_key ON totals (user_id);",
		Bad:   "REFRESH MATERIALIZED VIEW totals;", Good: "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;",
		Safe: "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index.",
	},
	{
		ID: "detach-blocking", Severity: Warning, Weighs: true,
		When: "DETACH PARTITION without CONCURRENTLY.", Why: "Reads and writes of the whole partitioned table wait behind it.",
		Setup: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\nCREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');",
		Bad:   "ALTER TABLE events DETACH PARTITION events_old;", Good: "ALTER TABLE events DETACH PARTITION events_old CONCURRENTLY;",
		Safe: "DETACH PARTITION … CONCURRENTLY; PostgreSQL refuses that where there is a default partition.",
	},
	{
		ID: "lock-long-held", Severity: Danger, Weighs: true,
		When: "A statement that takes long runs while the transaction holds a strong lock that an earlier one took.", Why: "Reads and writes that the lock blocks wait until the transaction ends.",
		Bad: "ALTER TABLE users ADD COLUMN nick text;\nUPDATE orders SET note = 'x';", Good: "-- rung:no-transaction\nALTER TABLE users ADD COLUMN nick text;\nUPDATE orders SET note = 'x';",
		Safe: "put the strong lock last, or into a file of its own, or write `-- rung:no-transaction` at the head.",
	},
	{
		ID: "lock-many-tables", Severity: Warning, Weighs: true,
		When: "Statements of one transaction take strong locks on several tables that exist.", Why: "While it waits for the next lock it holds the others, and with a program that takes them in another order it deadlocks.",
		Bad: "ALTER TABLE users ADD COLUMN nick text;\nALTER TABLE orders ADD COLUMN nick text;", Good: "-- rung:no-transaction\nALTER TABLE users ADD COLUMN nick text;\nALTER TABLE orders ADD COLUMN nick text;",
		Safe: "one table a transaction: a file each, or `-- rung:no-transaction` at the head.",
	},
	{
		ID: "lock-on-referenced", Severity: Notice, Weighs: false,
		When: "A foreign key locks the table that it refers to.", Why: "Writes to that table, which the statement names only in REFERENCES, wait until the transaction ends.",
		Bad: "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));", Good: "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint);",
		Safe: "keep the transaction short.",
	},
	{
		ID: "trigger-lock", Severity: Notice, Weighs: false,
		When: "A trigger is created, dropped or changed.", Why: "Writes to the table wait until the transaction ends; where a trigger is dropped, reads too.",
		Setup: "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';",
		Bad:   "CREATE TRIGGER watch BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION nothing();", Good: "CREATE OR REPLACE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';",
		Safe: "keep the transaction short.",
	},
	{
		ID: "no-lock-timeout", Severity: Warning, Weighs: false,
		When: "A file that takes a strong lock waits for it longer than 10 s, or without a limit.", Why: "All reads and writes that come later wait behind it for as long.",
		Bad: "-- rung:lock-timeout 0\nALTER TABLE users ADD COLUMN nick text;", Good: "ALTER TABLE users ADD COLUMN nick text;",
		Safe: "leave rung's own limit, and its retries.",
	},
	{
		ID: "invalid-index", Severity: Danger, Weighs: false,
		When: "The statement leaves an index INVALID.", Why: "It costs every write and serves no query.",
		Setup: "CREATE TABLE doubles (id bigint);\nINSERT INTO doubles VALUES (1), (1);",
		Bad:   "CREATE UNIQUE INDEX CONCURRENTLY doubles_id ON doubles (id);", Good: "CREATE INDEX CONCURRENTLY doubles_id ON doubles (id);",
		Safe: "drop it CONCURRENTLY and build it again.",
	},
}
