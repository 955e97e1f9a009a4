package templates

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lib/pq"

	"rung/runner"
)

// The column is the last one, where it comes to stand again in the down migration.
const amounts = `CREATE TABLE sales (id int PRIMARY KEY, note text, amount int NOT NULL DEFAULT 5);
CREATE INDEX sales_amount ON sales (amount DESC, id) WHERE amount > 3;
CREATE UNIQUE INDEX "Odd" ON sales (id, (amount + 1));
INSERT INTO sales SELECT g, 'n' || g, g % 50 FROM generate_series(1, 200) AS g;`

func TestChangeTypeRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, amounts)
	r.add("change-type", params("table=sales", "column=amount", "type=bigint"))
	before := r.dump()
	r.eachRung(4)
	r.up(0)
	after := r.dump()
	r.rows("SELECT indexdef FROM pg_indexes WHERE tablename = 'sales' AND indexname <> 'sales_pkey' ORDER BY 1",
		"CREATE INDEX sales_amount ON public.sales USING btree (amount DESC, id) WHERE (amount > 3)",
		`CREATE UNIQUE INDEX "Odd" ON public.sales USING btree (id, ((amount + 1)))`)
	r.rows("SELECT format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'sales'::regclass AND attname = 'amount'", "bigint|true")
	r.down(5)
	r.same("all the way down", before)
	r.up(0)
	r.same("all the way up again", after)
}

func TestChangeTypeNamesTheRowsInTheWay(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE sales (id int PRIMARY KEY, amount text); INSERT INTO sales VALUES (1, '7'), (2, 'abc'), (3, NULL), (4, '9999999999')`)
	r.add("change-type", params("table=sales", "column=amount", "type=int"))
	before := r.dump()
	err := r.tryUp(0)
	if err == nil || !strings.Contains(err.Error(), "2 values of sales.amount do not become int") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE sales SET amount = '0' WHERE id IN (2, 4)")
	r.up(0)
	r.rows("SELECT id, amount FROM sales ORDER BY id", "1|7", "2|0", "3|", "4|0")
	r.down(5)
}

func TestChangeTypeByAnExpression(t *testing.T) {
	t.Parallel()
	r := newRig(t, amounts)
	r.add("change-type", params("table=sales", "column=amount", "type=numeric(10,2)", "value=amount / 100.0", "back=(sales.amount * 100)::int", "default=0.05"))
	before := r.dump()
	r.up(4)
	r.exec("INSERT INTO sales (id) VALUES (1000); UPDATE sales SET amount = 0.25 WHERE id = 1")
	r.down(1)
	r.rows("SELECT amount FROM sales WHERE id IN (1, 1000) ORDER BY id", "25", "5")
	r.exec("DELETE FROM sales WHERE id = 1000; UPDATE sales SET amount = 1 WHERE id = 1")
	r.up(0)
	r.down(5)
	r.same("down", before)
}

func TestChangeTypeRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, amounts+"CREATE VIEW seen AS SELECT note FROM sales; ALTER TABLE sales ADD CHECK (note <> 'x');"+
		"ALTER TABLE sales ADD many int, ADD twice int GENERATED ALWAYS AS (many * 2) STORED;"+
		"CREATE TABLE lines (n int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sale int REFERENCES sales);"+
		"CREATE TABLE elder (id int, many int); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (elder)")
	for name, c := range map[string]struct{ params, says []string }{
		"dependents": {[]string{"column=note", "type=int", "value=length(note)", "back=repeat('x', note)"}, []string{"constraint sales_note_check does not fit int", "operator does not exist"}},
		"generated":  {[]string{"column=many", "type=bigint"}, []string{"dependents", "generated column public.sales.twice"}},
		"inherited":  {[]string{"table=child", "column=many", "type=bigint"}, []string{"child.many is inherited from public.elder"}},
		"key":        {[]string{"column=id", "type=bigint"}, []string{"primary key sales_pkey of public.sales", "by --template bigint-key --set table=sales"}},
		"other key":  {[]string{"column=id", "type=text"}, []string{"primary key sales_pkey of public.sales", "--set way=direct"}},
		"identity":   {[]string{"table=lines", "column=n", "type=INT8"}, []string{"lines.n is an identity", "by --template bigint-key --set table=lines"}},
		"reference":  {[]string{"table=lines", "column=sale", "type=bigint"}, []string{"foreign key lines_sale_fkey", "by --template bigint-key, with the table that is referred to"}},
		"type":       {[]string{"column=amount", "type=bigin"}, []string{"did you mean bigint?"}},
		"cast":       {[]string{"column=amount", "type=date"}, []string{"cannot cast type integer to date"}},
		"back":       {[]string{"column=amount", "type=bigint", "back=amont"}, []string{`back=amont: column "amont" does not exist`}},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("change-type", params(append([]string{"table=sales"}, c.params...)...), c.says...)
		})
	}
}

// Names that are cut stay apart.
func TestChangeTypeOfIndexesWithLongNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("i", 60)
	r := newRig(t, "CREATE TABLE t (id int PRIMARY KEY, m int); CREATE INDEX "+long+"a ON t (m); CREATE INDEX "+long+"b ON t (m, id)")
	r.add("change-type", params("table=t", "column=m", "type=bigint"))
	before := r.dump()
	r.up(0)
	r.rows("SELECT relname FROM pg_class WHERE relname LIKE 'iii%' ORDER BY 1", long+"a", long+"b")
	r.down(r.next)
	r.same("down", before)
}

// What would fail, or pass values over, only after rung new.
func TestChangeTypeRefusesBeforeItWrites(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n int, many int[], m int);
CREATE TYPE pair AS (a int, b int); CREATE DOMAIN pairs AS pair; CREATE TABLE c (id int PRIMARY KEY, n pairs, s text);
CREATE TYPE ty AS (id int, n int); CREATE TABLE typed OF ty (PRIMARY KEY (id));
CREATE TABLE named (id int PRIMARY KEY, n int); CREATE TRIGGER named_n_follow AFTER UPDATE ON named FOR EACH STATEMENT EXECUTE FUNCTION pg_catalog.tsvector_update_trigger();
CREATE TABLE dup (id int PRIMARY KEY, n int); INSERT INTO dup VALUES (1, 1), (2, 1)`)
	if db, err := sql.Open("postgres", r.url); err != nil {
		t.Fatal(err)
	} else {
		_, err = db.Exec("CREATE UNIQUE INDEX CONCURRENTLY dup_n ON dup (n)")
		db.Close()
		if err == nil {
			t.Fatal("dup_n is there")
		}
	}
	for says, p := range map[string][]string{
		"aggregate functions are not allowed":     {"table=t", "column=n", "type=bigint", "value=max(n)"},
		"window functions are not allowed":        {"table=t", "column=n", "type=bigint", "value=row_number() OVER ()"},
		"set-returning functions are not allowed": {"table=t", "column=many", "type=bigint", "value=unnest(many)", "back=ARRAY[many]"},
		"back=max(n): aggregate functions":        {"table=t", "column=n", "type=bigint", "back=max(n)"},
		"pairs is a composite type":               {"table=c", "column=n", "type=text"},
		"pair is a composite type":                {"table=c", "column=s", "type=pair"},
		"typed is a table of the type public.ty":  {"table=typed", "column=n", "type=bigint"},
		"index dup_n is invalid":                  {"table=dup", "column=n", "type=bigint"},
		"named has a trigger named_n_follow":      {"table=named", "column=n", "type=bigint"},
	} {
		t.Run(says, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("change-type", params(p...), says)
		})
	}
}

func TestChangeTypeLive(t *testing.T) {
	live(t, func() *watch {
		r := newRig(t, amounts+fmt.Sprintf("INSERT INTO sales SELECT g, 'n', g FROM generate_series(201, %d) AS g; UPDATE sales SET note = amount; CREATE SEQUENCE s START 10000000", *liveRows))
		before := r.objects()
		r.add("change-type", params("table=sales", "column=amount", "type=bigint"))
		w := startWatch(t, r.url)
		l := startLoad(t, r.url, *liveRows,
			"INSERT INTO sales (id, note, amount) SELECT n, n * 2, n * 2 FROM nextval('s') AS n WHERE $1 > 0",
			"UPDATE sales SET amount = amount + 1, note = amount + 1 WHERE id = $1",
			"UPDATE sales SET note = amount WHERE id = $1",
			"DELETE FROM sales WHERE id = $1 AND id % 7 = 0")
		r.up(4)
		r.rows("SELECT count(*) FROM sales WHERE amount IS DISTINCT FROM amount_old", "0")
		r.up(0)
		l.finish()
		r.rows("SELECT count(*) FROM sales WHERE note IS DISTINCT FROM amount::text", "0")
		r.became(before, "-column sales.amount integer NOT NULL DEFAULT 5", "+column sales.amount bigint NOT NULL DEFAULT 5")
		return w
	})
}

func TestChangeTypeCutsNothingSilently(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, code text, many numeric(6,2));
INSERT INTO t VALUES (1, 'abc', 1), (2, 'abcdef', 1.75), (3, NULL, NULL)`)
	r.add("change-type", params("table=t", "column=code", "type=varchar(3)"))
	before := r.dump()
	err := r.tryUp(0)
	if err == nil || !strings.Contains(err.Error(), "1 values of t.code do not become varchar(3)") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE t SET code = 'abd' WHERE id = 2")
	r.up(0)
	r.rows("SELECT id, code FROM t ORDER BY id", "1|abc", "2|abd", "3|")
	r.down(r.next)
	r.add("change-type", params("table=t", "column=many", "type=int"))
	r.up(0)
	r.rows("SELECT id, many FROM t ORDER BY id", "1|1", "2|2", "3|")
}

// What a length is in, a domain or an array, cuts as little.
func TestChangeTypeCutsNothingInADomainOrAnArray(t *testing.T) {
	t.Parallel()
	for typ, was := range map[string]string{"c3": "text", "varchar(3)[]": "text[]", "c3s": "text[]", "c3[]": "text[]"} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			long, short := "abcdef", "abc"
			if was == "text[]" {
				long, short = "{abc,abcdef}", "{abc}"
			}
			r := newRig(t, fmt.Sprintf(`CREATE DOMAIN c3 AS varchar(3); CREATE DOMAIN c3s AS c3[]; CREATE TABLE t (id int PRIMARY KEY, v %s);
INSERT INTO t VALUES (1, '%s'), (2, '%s'), (3, NULL)`, was, long, short))
			r.add("change-type", params("table=t", "column=v", "type="+typ))
			before := r.dump()
			if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "1 values of t.v do not become "+typ) {
				t.Fatalf("up: %v", err)
			}
			r.same("after the refusal", before)
			r.exec("UPDATE t SET v = '" + short + "' WHERE id = 1")
			r.goesAndReturns()
			r.rows("SELECT id, v::text FROM t ORDER BY id", "1|"+short, "2|"+short, "3|")
		})
	}
}

// An application with rights on single columns works on after the switch.
func TestChangeTypeKeepsGrantsAndComment(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, code text COLLATE "C" NOT NULL DEFAULT 'x');
INSERT INTO t VALUES (1, 'abc');
GRANT SELECT (code), UPDATE (code) ON t TO PUBLIC; COMMENT ON COLUMN t.code IS 'it''s the code';
ALTER TABLE t ALTER code SET STATISTICS 300, ALTER code SET STORAGE EXTERNAL`)
	r.add("change-type", params("table=t", "column=code", "type=bytea", "value=convert_to(code, 'UTF8')", "back=convert_from(code, 'UTF8')", `default='\x00'`))
	before := r.dump()
	r.up(0)
	r.rows("SELECT attacl::text, col_description(attrelid, attnum), attstattarget FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'code'",
		"{=rw/postgres}|it's the code|300")
	r.down(5)
	r.same("down", before)
	r.up(0)
}

// What has been written in the new type since may not fit the old one: the down
// migration says so before it changes anything.
func TestChangeTypeComesBackWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)`)
	r.add("change-type", params("table=t", "column=n", "type=numeric"))
	r.up(0)
	r.exec("INSERT INTO t VALUES (2, 3000000000), (3, NULL), (4, 12.7)")
	before := r.dump()
	err := r.tryDown(1)
	if err == nil || !strings.Contains(err.Error(), "1 values of t.n do not become integer again") {
		t.Fatalf("down: %v", err)
	}
	r.same("after the refusal", before)
	r.up(0)
	r.exec("UPDATE t SET n = 5 WHERE id = 2")
	if said := r.saidOnTheWayDown(); !strings.Contains(said, "1 values of t.n are not the same as integer") || !strings.Contains(said, "id 4: 12.7") {
		t.Errorf("down said %q", said)
	}
	r.down(4)
	r.rows("SELECT id, n FROM t ORDER BY id", "1|1", "2|5", "3|", "4|13")
}

// saidOnTheWayDown takes a migration back, and returns what the server said.
func (r *rig) saidOnTheWayDown() string {
	r.Helper()
	var said strings.Builder
	r.hear = func(e runner.Event) {
		if n, ok := e.(runner.Notice); ok {
			fmt.Fprintln(&said, n.Severity, n.Message, n.Detail)
		}
	}
	r.down(1)
	r.hear = nil
	return said.String()
}

// The batches make of NULL what the trigger makes of it.
func TestChangeTypeMakesSomethingOfNull(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, code text); INSERT INTO t VALUES (1, '7'), (2, NULL)`)
	r.add("change-type", params("table=t", "column=code", "type=int", "value=coalesce(code, '0')::int", "back=nullif(code, 0)::text"))
	before := r.dump()
	r.up(2)
	r.exec("INSERT INTO t VALUES (3, NULL)")
	r.rows("SELECT id, code, code_new FROM t ORDER BY id", "1|7|7", "2||0", "3||0")
	r.up(0)
	r.exec("DELETE FROM t WHERE id = 3")
	r.down(r.next)
	r.same("down", before)
}

// A row without a value that the expression fails at is named like any other.
func TestChangeTypeNamesTheNullInTheWay(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, code text); INSERT INTO t VALUES (1, '7'), (2, NULL)`)
	r.add("change-type", params("table=t", "column=code", "type=int", "value=coalesce(code, 'none')::int", "back=code::text"))
	before := r.dump()
	err := r.tryUp(0)
	if e := pq.As(err); e == nil || !strings.Contains(e.Message, "1 values of t.code do not become int") || !strings.Contains(e.Detail, "id 2: NULL") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
}

// A default is in the unit of the values, and as long as they may be.
func TestChangeTypeTakesNoDefaultThatIsNotOneOfTheNewType(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, euros int NOT NULL DEFAULT 5, said text DEFAULT 'abcdef', big int DEFAULT -40000);
INSERT INTO t VALUES (1)`)
	cents := []string{"table=t", "column=euros", "type=bigint", "value=euros * 100", "back=euros / 100"}
	r.refused("change-type", params(cents...), "not of its default, 5", "--set default=")
	r.refused("change-type", params("table=t", "column=said", "type=varchar(3)"), "the default of t.said, 'abcdef'::text, does not become varchar(3): value too long", "--set default=")
	r.refused("change-type", params("table=t", "column=said", "type=varchar(3)", "default='abcd'"), "default='abcd': value too long")
	r.refused("change-type", params("table=t", "column=big", "type=smallint"), "does not become smallint: ")
	r.add("change-type", params(append(cents, "default=500")...))
	r.up(0)
	r.exec("INSERT INTO t VALUES (2)")
	r.rows("SELECT id, euros FROM t ORDER BY id", "1|500", "2|500")
	r.down(r.next)
	r.exec("INSERT INTO t VALUES (3)")
	r.rows("SELECT id, euros FROM t ORDER BY id", "1|5", "2|5", "3|5")
}

// NaN and infinity are numbers that other types of numbers do not have.
func TestChangeTypeNamesWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n numeric, f float8);
INSERT INTO t VALUES (1, 1, 1), (2, 'NaN', 'Infinity'), (3, 'Infinity', 'NaN'), (4, NULL, NULL)`)
	for _, p := range [][]string{{"column=n", "type=int"}, {"column=n", "type=bigint"}, {"column=n", "type=numeric(9,2)"}, {"column=f", "type=int"}, {"column=f", "type=numeric(9,2)"}} {
		r := &rig{T: t, url: r.url, files: fstest.MapFS{}}
		r.add("change-type", params(append(p, "table=t")...))
		err := r.tryUp(0)
		if e := pq.As(err); e == nil || !strings.Contains(e.Message, " do not become "+strings.TrimPrefix(p[1], "type=")) || !strings.Contains(e.Detail, "id 2: ") && !strings.Contains(e.Detail, "id 3: ") {
			t.Errorf("%v: up: %v", p, err)
		}
	}
}

// What a function of the user's own says of a row, or a query with two answers.
func TestChangeTypeNamesRowsThatAnExpressionFailsAt(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, price text); INSERT INTO t VALUES (1, '12'), (2, 'free'), (3, '7');
CREATE FUNCTION cents(price text) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN IF price ~ '\D' THEN RAISE EXCEPTION 'no price'; END IF; RETURN price::bigint * 100; END $$;
CREATE TABLE prices (name text, cents bigint); INSERT INTO prices VALUES ('12', 1200), ('free', 0), ('free', 1), ('7', 700)`)
	for value, why := range map[string]string{
		"cents(price)": "id 2: free (no price)",
		"(SELECT cents FROM prices WHERE name = price)": "id 2: free (more than one row returned by a subquery used as an expression)",
	} {
		r := &rig{T: t, url: r.url, files: fstest.MapFS{}}
		r.add("change-type", params("table=t", "column=price", "type=bigint", "value="+value, "back=price::text"))
		if e := pq.As(r.tryUp(0)); e == nil || e.Message != "1 values of t.price do not become bigint" || e.Detail != "For example: "+why {
			t.Errorf("%s: %+v", value, e)
		}
	}
}

// PL/pgSQL has variables of its own, such as FOUND.
func TestChangeTypeOfAColumnNamedLikeAVariable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"found", "tg_op"} {
		r := newRig(t, fmt.Sprintf("CREATE TABLE t (id int PRIMARY KEY, %s int); INSERT INTO t VALUES (1, 7)", name))
		r.add("change-type", params("table=t", "column="+name, "type=bigint"))
		r.up(2)
		r.exec("INSERT INTO t VALUES (2, 8)")
		r.up(0)
		r.exec("INSERT INTO t VALUES (3, 9)")
		r.rows("SELECT id, "+name+" FROM t ORDER BY id", "1|7", "2|8", "3|9")
		r.down(r.next)
		r.rows("SELECT id, "+name+" FROM t ORDER BY id", "1|7", "2|8", "3|9")
	}
}

func TestChangeTypeRefusesADomainThatFillsOrTakesNoNull(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE DOMAIN seven AS int DEFAULT 7; CREATE DOMAIN must AS int NOT NULL; CREATE DOMAIN checked AS int CHECK (value IS NOT NULL);
CREATE TABLE t (id int PRIMARY KEY, n int, s seven, m must)`)
	for one, says := range map[string]string{
		"n seven": "seven has a default of its own", "n must": "must takes none", "n checked": "checked takes none",
		"s int": "seven has a default of its own", "m int": "must takes none",
	} {
		column, typ, _ := strings.Cut(one, " ")
		r.refused("change-type", params("table=t", "column="+column, "type="+typ), says)
	}
}

// What a subscription writes fires no plain trigger.
func TestChangeTypeFollowsReplicas(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n int) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9)`)
	r.add("change-type", params("table=t", "column=n", "type=bigint"))
	before := r.dump()
	replicate := func(id string) {
		r.exec("SET session_replication_role = replica; INSERT INTO t (id, n) VALUES (" + id + ", " + id + ")")
	}
	r.up(2)
	replicate("1")
	r.exec("CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (9) TO (99)")
	replicate("11")
	r.up(1)
	replicate("2")
	r.down(1)
	r.rows("SELECT id, n, n_new FROM t ORDER BY 1", "1|1|1", "2|2|2", "11|11|11")
	r.up(0)
	r.down(r.next)
	r.exec("DELETE FROM t; DROP TABLE t2")
	r.same("down", before)
}

// A collation is what the column sorts by, and its index.
func TestChangeTypeKeepsTheCollation(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, code text COLLATE "C", n text COLLATE "C"); INSERT INTO t VALUES (1, 'a', '1'), (2, 'B', '1');
CREATE DOMAIN own AS text COLLATE "POSIX"; CREATE INDEX t_code ON t (code)`)
	collation := "SELECT collname FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = attcollation WHERE attrelid = 't'::regclass AND attname = "
	r.add("change-type", params("table=t", "column=n", "type=int"))
	r.add("change-type", params("table=t", "column=code", "type=varchar(9)"))
	r.up(0)
	r.rows(collation+"'n'", "")
	r.rows(collation+"'code'", "C")
	r.down(r.next)
	r.rows(collation+"'n'", "C")
	r.refused("change-type", params("table=t", "column=code", "type=own"), `t.code has a collation of its own, COLLATE pg_catalog."C", and so has own`)
}

// A row that no batch could write is not lost with the contract.
func TestChangeTypeFindsWhatWasNotFilled(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL);
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`)
	freeze := "CREATE TRIGGER frozen BEFORE UPDATE ON t FOR EACH ROW WHEN (old.id = 2) EXECUTE FUNCTION frozen()"
	r.add("change-type", params("table=t", "column=n", "type=bigint"))
	before := r.dump()
	stops := func(err error, to string) {
		t.Helper()
		e, fix := pq.As(err), "UPDATE t SET n = n WHERE "+to+" IS NULL"
		if e == nil || !strings.Contains(e.Message, "1 rows of t were not filled") || !strings.Contains(e.Detail, "id 2: 2") || !strings.Contains(e.Hint, fix) {
			t.Fatal(err)
		}
		r.exec("DROP TRIGGER frozen ON t; " + fix)
	}
	r.exec(freeze)
	stops(r.tryUp(0), "n_new")
	r.up(0)
	r.exec(freeze)
	stops(r.tryDown(1), "n_old")
	r.down(r.next)
	r.same("down", before)
}
