package templates

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// orderKeys is a key with all that may refer to it: a table with a key of its own, a
// self-reference, a part of a primary key, a foreign key of two columns to that, and
// a bigint.
const orderKeys = `CREATE TABLE orders (id serial PRIMARY KEY, parent_id int REFERENCES orders ON DELETE SET NULL ON UPDATE CASCADE, customer int, note text);
CREATE INDEX orders_parent_id_idx ON orders (parent_id); CREATE INDEX orders_customer_id_idx ON orders (customer, id) WHERE id > 5;
CREATE TABLE order_items (id bigserial PRIMARY KEY, order_id int NOT NULL REFERENCES orders ON DELETE CASCADE, qty int, CHECK (order_id > 0));
CREATE INDEX order_items_order_id_idx ON order_items (order_id);
CREATE TABLE payments (order_id int NOT NULL REFERENCES orders, seq smallint, amount int, PRIMARY KEY (order_id, seq));
CREATE TABLE refunds (id bigserial PRIMARY KEY, order_id int, seq smallint, FOREIGN KEY (order_id, seq) REFERENCES payments (order_id, seq) ON DELETE SET NULL);
CREATE INDEX refunds_order_id_seq_idx ON refunds (order_id, seq);
CREATE TABLE audits (id bigserial PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE VIEW open_orders AS SELECT o.id, o.customer, o.note, count(i.id) FROM orders AS o LEFT JOIN order_items AS i ON i.order_id = o.id WHERE note IS NOT NULL GROUP BY o.id;
GRANT SELECT ON open_orders TO public;
INSERT INTO orders (parent_id, customer, note) SELECT nullif(g % 9, 0), g % 7, 'n' || g FROM generate_series(1, 60) AS g;
INSERT INTO order_items (order_id, qty) SELECT g % 60 + 1, g FROM generate_series(1, 200) AS g;
INSERT INTO payments SELECT g, 1, g FROM generate_series(1, 50) AS g;
INSERT INTO refunds (order_id, seq) SELECT g, 1 FROM generate_series(1, 20) AS g;
INSERT INTO audits (order_id) SELECT g FROM generate_series(1, 20) AS g;
`

func TestBigintKeyRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, orderKeys)
	r.add("bigint-key", params("table=orders"))
	before, pairs := r.dump(), r.next
	r.eachRung(pairs - 1)
	r.down(pairs - 1)
	r.same("all the way down", before)
	r.up(pairs - 1)
	r.rows("SELECT count(*) FROM orders WHERE id IS DISTINCT FROM id_int OR parent_id IS DISTINCT FROM parent_id_int", "0")
	r.exec("SELECT setval('orders_id_seq', 2147483646)")
	r.exec("INSERT INTO orders (note) VALUES ('last'); INSERT INTO orders (note) VALUES ('beyond'); INSERT INTO order_items (order_id) SELECT max(id) FROM orders")
	r.rows("SELECT id, id_int FROM orders WHERE id > 1000 ORDER BY id", "2147483647|2147483647", "2147483648|")
	if err := r.tryDown(1); err == nil || !strings.Contains(err.Error(), "1 values of orders.id are beyond integer, the largest 2147483648") {
		t.Errorf("down: %v", err)
	}
	r.up(0)
	r.rows(`SELECT conrelid::regclass, conname, convalidated FROM pg_constraint WHERE contype IN ('p', 'f', 'c') AND conrelid::regclass::text = ANY ('{orders,order_items,payments,refunds,audits}') ORDER BY 1::text, 2`,
		"audits|audits_order_id_fkey|true", "audits|audits_pkey|true", "order_items|order_items_order_id_check|true", "order_items|order_items_order_id_fkey|true", "order_items|order_items_pkey|true",
		"orders|orders_parent_id_fkey|true", "orders|orders_pkey|true", "payments|payments_order_id_fkey|true", "payments|payments_pkey|true", "refunds|refunds_order_id_seq_fkey|true", "refunds|refunds_pkey|true")
	r.rows("SELECT attrelid::regclass, attname, attnotnull FROM pg_attribute JOIN pg_class ON oid = attrelid WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND atttypid = 'int8'::regtype AND attname ~ 'id$' AND NOT attisdropped AND relname NOT LIKE 'audits' ORDER BY attrelid::regclass::text, 2",
		"order_items|id|true", "order_items|order_id|true", "orders|id|true", "orders|parent_id|false", "payments|order_id|true", "refunds|id|true", "refunds|order_id|false")
	r.rows("SELECT count(*) FROM pg_attribute WHERE attname ~ '_(int|big)$' AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r')", "0")
	r.exec("SELECT count(*) FROM open_orders WHERE id = 5; INSERT INTO orders DEFAULT VALUES")
}

// What a foreign key does to the rows that refer comes out right at every moment,
// though the trigger copies one column to the other: nobody refers to what is gone.
func TestBigintKeyActsOnReferencesBetweenAnyTwoFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t, orderKeys)
	r.add("bigint-key", params("table=orders"))
	n := 0
	act := func(when string) {
		t.Helper()
		n++
		r.exec(fmt.Sprintf(`INSERT INTO orders (id, note) VALUES (%d, 'act'), (%[1]d + 1, 'act');
INSERT INTO orders (id, parent_id, note) VALUES (%[1]d + 2, %[1]d, 'act'), (%[1]d + 3, %[1]d + 1, 'act');
INSERT INTO order_items (order_id) VALUES (%[1]d); INSERT INTO payments (order_id, seq) VALUES (%[1]d + 3, 1); INSERT INTO refunds (order_id, seq) VALUES (%[1]d + 3, 1);
DELETE FROM orders WHERE id = %[1]d; UPDATE orders SET id = %[1]d + 5 WHERE id = %[1]d + 1; DELETE FROM payments WHERE order_id = %[1]d + 3`, 1000*n))
		for what, query := range map[string]string{
			"SET NULL": "SELECT coalesce(parent_id::text, 'NULL') FROM orders WHERE id = %d + 2", "CASCADE on update": "SELECT CASE WHEN parent_id = %d + 5 THEN 'NULL' ELSE parent_id::text END FROM orders WHERE id = %[1]d + 3",
			"CASCADE on delete":       "SELECT CASE count(*) WHEN 0 THEN 'NULL' END FROM order_items WHERE order_id = %d",
			"SET NULL of two columns": "SELECT DISTINCT coalesce(order_id::text, 'NULL') FROM refunds WHERE id = (SELECT max(id) FROM refunds) AND %d > 0",
		} {
			if got := pgtest.QueryString(t, r.url, fmt.Sprintf(query, 1000*n)); got != "NULL" {
				t.Errorf("%s: %s: %s", when, what, got)
			}
		}
	}
	act("before")
	for i := range r.next {
		r.up(1)
		act(fmt.Sprintf("after file %d", i+1))
	}
	r = newRig(t, orderKeys)
	r.add("bigint-key", params("table=orders"))
	r.up(r.next - 1)
	for i := range r.next - 1 {
		r.down(1)
		act(fmt.Sprintf("after %d files down", i+1))
	}
}

// Numbers come from where they came from, and the sequence has its rights.
func TestBigintKeyOfIdentity(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{
		"GENERATED ALWAYS AS IDENTITY", "GENERATED BY DEFAULT AS IDENTITY (START WITH 5 INCREMENT BY 3 CACHE 4 CYCLE)", "GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY -1)",
		"GENERATED BY DEFAULT AS IDENTITY (MAXVALUE 1000)",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "CREATE TABLE t (id int "+kind+" PRIMARY KEY, n int); INSERT INTO t (n) SELECT generate_series(1, 20); GRANT USAGE ON SEQUENCE t_id_seq TO PUBLIC; COMMENT ON SEQUENCE t_id_seq IS 'it''s'")
			r.add("bigint-key", params("table=t"))
			before := r.dump()
			last := pgtest.QueryString(t, r.url, "SELECT last_value FROM t_id_seq")
			r.eachRung(r.next - 1)
			r.rows("SELECT last_value FROM t_id_seq", last)
			r.down(r.next - 1)
			r.same("down", before)
			r.up(0)
			r.exec("INSERT INTO t (n) VALUES (1)")
			r.rows("SELECT format_type(seqtypid, NULL), has_sequence_privilege('public', seqrelid, 'USAGE'), obj_description(seqrelid) FROM pg_sequence WHERE seqrelid = 't_id_seq'::regclass", "bigint|true|it's")
		})
	}
}

// What is of the key comes with it.
func TestBigintKeyCarriesAlong(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int DEFAULT 7 CONSTRAINT "The Key" PRIMARY KEY, code smallint UNIQUE, n int); COMMENT ON COLUMN t.id IS 'the key'; GRANT SELECT (id) ON t TO PUBLIC;
COMMENT ON CONSTRAINT "The Key" ON t IS 'key'; COMMENT ON INDEX "The Key" IS 'index'; ALTER TABLE t ALTER id SET STATISTICS 50;
CREATE INDEX ON t ((id + 1)); CREATE UNIQUE INDEX u ON t (n, id) INCLUDE (code) WHERE id > 0; CREATE INDEX h ON t USING hash (id); CLUSTER t USING "The Key"; ALTER TABLE t REPLICA IDENTITY USING INDEX "The Key";
ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0 OR n IS NULL) NOT VALID; CREATE STATISTICS st ON id, n FROM t;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t_note BEFORE UPDATE OF id ON t FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION note();
ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON t USING (id > 0); CREATE PUBLICATION p FOR TABLE t; CREATE RULE r AS ON DELETE TO t WHERE OLD.id < 0 DO INSTEAD NOTHING;
CREATE TABLE refers (a int REFERENCES t (id), b smallint REFERENCES t (code), k uuid PRIMARY KEY); CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t; CREATE VIEW w AS SELECT v.id, refers.a FROM v JOIN refers ON a = v.id;
CREATE VIEW x AS SELECT max(n) FROM t; INSERT INTO t SELECT g, g, g FROM generate_series(1, 20) AS g; INSERT INTO refers SELECT g, g, md5(g::text)::uuid FROM generate_series(1, 20) AS g`)
	before := r.dump()
	r.add("bigint-key", params("table=t"))
	r.eachRung(r.next - 1)
	r.down(r.next - 1)
	r.same("down", before)
	r.up(0)
	r.rows("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'w'::regclass AND attnum > 0", "bigint", "bigint")
	r.only(0)
	r.add("bigint-key", params("table=t", "column=code"))
	if !strings.Contains(r.text(), "THEN NEW.code::smallint END") {
		t.Error(r.text())
	}
}

func TestBigintKeyRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE wide (id bigint PRIMARY KEY, n int);
CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent); CREATE TABLE second (PRIMARY KEY (id)) INHERITS (parent);
CREATE TABLE a (id int PRIMARY KEY, b int, code int UNIQUE); CREATE TABLE b (id int PRIMARY KEY REFERENCES a ON UPDATE CASCADE); ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES b ON DELETE SET NULL;
CREATE TABLE d (id int PRIMARY KEY); CREATE TABLE d1 (id int PRIMARY KEY, d int REFERENCES d DEFERRABLE);
CREATE TABLE f (id int PRIMARY KEY, x int UNIQUE DEFERRABLE); CREATE TABLE f1 (id int PRIMARY KEY, f int REFERENCES f MATCH FULL);
CREATE TABLE g (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED); CREATE TABLE m (id int PRIMARY KEY); CREATE MATERIALIZED VIEW mv AS SELECT id FROM m;
CREATE TABLE s (id int PRIMARY KEY); CREATE FUNCTION reads() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(id) FROM s; END;
CREATE TABLE o (id int PRIMARY KEY); CREATE TABLE o1 (o int REFERENCES o); CREATE TABLE o3 (a int, b int, c int, PRIMARY KEY (a, b, c));
CREATE TABLE taken (id int PRIMARY KEY, id_big text); 
CREATE TABLE q (id int PRIMARY KEY); CREATE TABLE q1 (id int, q int REFERENCES q, PRIMARY KEY (id, q)) PARTITION BY LIST (id)`)
	for table, says := range map[string]string{
		"parts": "parts is partitioned by id", "wide": "has 0 columns that are integer or smallint", "parent": "other tables inherit from parent", "second": "second has id from a table that it inherits from",
		"a": "tables refer to each other in a circle: a, b, and each of the foreign keys has SET NULL", "d": "foreign key d1_d_fkey of public.d1 is DEFERRABLE", "f": "f1_f_fkey of public.f1 is MATCH FULL",
		"g": "what depends on g: ", "m": "materialized view public.mv", "s": "function public.reads()", "o": "o1 has no primary key", "o3": "has 3 columns that are integer", "taken": "taken has a column id_big already",
		"q": "q1_q_fkey of public.q1 is of a partitioned table",
	} {
		t.Run(table, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("bigint-key", params("table="+table), says)
		})
	}
	r.refused("bigint-key", params("table=wide", "column=id"), "wide.id is bigint")
	r.refused("bigint-key", params("table=f", "column=x"), "is a DEFERRABLE constraint")
}

// The contract names what still uses the old columns, and drops nothing.
func TestBigintKeyContractLooksFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id serial PRIMARY KEY, n int); CREATE INDEX ON t (id, n); INSERT INTO t (n) SELECT generate_series(1, 9)`)
	r.add("bigint-key", params("table=t"))
	r.up(r.next - 1)
	for _, c := range [][3]string{
		{"CREATE VIEW v AS SELECT id_int FROM t", "t.id_int is still used by: rule _RETURN on view v", "DROP VIEW v"},
		{"CREATE INDEX mine ON t (n, id_int)", "is still used by: index mine", "DROP INDEX mine"},
		{"CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(id_int) FROM t'", "is still used by: function f()", "DROP FUNCTION f"},
		{"ALTER TABLE t DISABLE TRIGGER USER; UPDATE t SET id_int = 99 WHERE id = 3", "1 rows of t differ in their old and new columns", "UPDATE t SET id_int = 3 WHERE id = 3; ALTER TABLE t ENABLE ALWAYS TRIGGER t_bigint_follow"},
	} {
		r.exec(c[0])
		if err := r.tryUp(1); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v", c[0], err)
		}
		r.exec(c[2])
	}
	r.up(0)
	r.rows("SELECT indexdef FROM pg_indexes WHERE tablename = 't' ORDER BY 1", "CREATE INDEX t_id_n_idx ON public.t USING btree (id, n)", "CREATE UNIQUE INDEX t_pkey ON public.t USING btree (id)")
}

func TestBigintKeyListsIntKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t, orderKeys+`SELECT setval('orders_id_seq', 2000000000); CREATE TABLE small (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT id FROM orders WHERE id = n'; CREATE TABLE log (id bigint PRIMARY KEY, the_order_id int)`)
	files, in, err := r.expand("bigint-key", params())
	if err != nil || len(files) != 0 {
		t.Fatal(files, err)
	}
	if got, want := strings.Join(in.Report, "\n"), ` 93.1 %  public.orders.id integer: 2000000000 of 2147483647, foreign keys to it: 4
  0.0 %  public.small.id smallint: 0 of 32767
nothing is written: change one by --set table=…`; got != want {
		t.Error(got)
	}
	r.says("bigint-key", params("table=orders"), "see to them before a key is beyond integer: public.f(integer)", "may hold such keys, see to them: public.log.the_order_id", "cached plan must not change result type", "23505")
}

// Beside writers of all the tables nothing fails, and no lock is held for long.
func TestBigintKeyLive(t *testing.T) {
	live(t, func() *watch {
		r := newRig(t, orderKeys+fmt.Sprintf("INSERT INTO orders (parent_id, customer, note) SELECT nullif(g %% 7, 0), g, 'n' FROM generate_series(61, %d) AS g; INSERT INTO order_items (order_id, qty) SELECT g, 1 FROM generate_series(61, %[1]d) AS g; DELETE FROM payments WHERE order_id %% 7 = 0", *liveRows))
		r.add("bigint-key", params("table=orders"))
		w := startWatch(t, r.url)
		l := startLoad(t, r.url, *liveRows,
			"WITH o AS (INSERT INTO orders (customer, note) VALUES ($1, 'x') RETURNING id), p AS (INSERT INTO payments (order_id, seq) SELECT id, 1 FROM o WHERE id % 7 <> 0) INSERT INTO order_items (order_id, qty) SELECT id, 1 FROM o",
			"UPDATE orders SET note = note || 'x', parent_id = nullif($1::int % 6, 0) WHERE id = $1",
			"DELETE FROM order_items WHERE id = $1", "DELETE FROM orders WHERE id = $1 AND id % 7 = 0",
			"SELECT count(*) FROM open_orders WHERE id = $1", "SELECT count(*) FROM orders AS o JOIN order_items AS i ON i.order_id = o.id WHERE o.id = $1",
			"INSERT INTO refunds (order_id, seq) SELECT order_id, seq FROM payments WHERE order_id = $1")
		r.up(r.next - 1)
		r.rows("SELECT count(*) FROM orders WHERE id IS DISTINCT FROM id_int OR parent_id IS DISTINCT FROM parent_id_int", "0")
		r.rows("SELECT count(*) FROM order_items WHERE order_id IS DISTINCT FROM order_id_int", "0")
		r.down(r.next - 1)
		r.up(0)
		l.finish()
		r.rows("SELECT count(*) FROM order_items AS i LEFT JOIN orders AS o ON o.id = i.order_id WHERE o.id IS NULL", "0")
		r.rows("SELECT count(*) FROM orders AS c LEFT JOIN orders AS o ON o.id = c.parent_id WHERE o.id IS NULL AND c.parent_id IS NOT NULL", "0")
		return w
	})
}
