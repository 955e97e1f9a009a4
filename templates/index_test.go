package templates

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

func TestAddIndexRoundTrips(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		params []string
		want   string
	}{
		"plain":      {[]string{"columns=email"}, "CREATE INDEX users_email_idx ON public.users USING btree (email)"},
		"everything": {[]string{"columns=lower(email) DESC, id", "where=users.is_active", "include=is_active", "index=MyIndex"}, `CREATE INDEX "MyIndex" ON public.users USING btree (lower(email) DESC, id) INCLUDE (is_active) WHERE is_active`},
		"method":     {[]string{"columns=email", "using=hash"}, "CREATE INDEX users_email_idx ON public.users USING hash (email)"},
		"constraint": {[]string{"columns=email, id", "unique=true"}, "CREATE UNIQUE INDEX users_email_id_key ON public.users USING btree (email, id)"},
		"partial":    {[]string{"columns=email", "unique=true", "where=is_active"}, "CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email) WHERE is_active"},
		"collation":  {[]string{`columns=email COLLATE "C", id`, "unique=true"}, `CREATE UNIQUE INDEX users_email_id_key ON public.users USING btree (email COLLATE "C", id)`},
		"order":      {[]string{"columns=email NULLS FIRST", "unique=true"}, "CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email NULLS FIRST)"},
		"opclass":    {[]string{"columns=email text_pattern_ops", "unique=true"}, "CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email text_pattern_ops)"},
		"expression": {[]string{"columns=lower(email), id", "unique=true"}, "CREATE UNIQUE INDEX users_lower_id_key ON public.users USING btree (lower(email), id)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, users)
			r.add("add-index", params(append(c.params, "table=users")...))
			r.roundTrips()
			r.rows("SELECT indexdef FROM pg_indexes WHERE tablename = 'users' AND indexname <> 'users_pkey'", c.want)
			r.rows("SELECT count(*) FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'u'", map[bool]string{true: "1", false: "0"}[name == "constraint"])
		})
	}
}

func TestAddIndexNamesDuplicates(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+"INSERT INTO users (email) VALUES ('u1'), ('u1'), ('u2'), (NULL), (NULL)")
	r.add("add-index", params("table=users", "columns=email", "unique=true"))
	before := r.dump()
	if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "2 duplicates in users") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("DELETE FROM users WHERE id > 100")
	r.up(0)
}

func TestAddIndexRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+"CREATE TABLE parts (id int, at date) PARTITION BY LIST (at); CREATE TABLE taken ()")
	for name, c := range map[string]struct{ params, says []string }{
		"column":    {[]string{"table=users", "columns=mail"}, []string{`columns=mail: column "mail" does not exist`, "did you mean email?"}},
		"method":    {[]string{"table=users", "columns=email", "using=btee"}, []string{`using=btee: access method "btee" does not exist`, "did you mean btree?"}},
		"include":   {[]string{"table=users", "columns=email", "include=is_activ", "where=is_active"}, []string{`include=is_activ: column "is_activ" does not exist`, "did you mean is_active?"}},
		"where":     {[]string{"table=users", "columns=email", "include=is_active", "where=is_activ"}, []string{`where=is_activ: column "is_activ" does not exist`, "is_active"}},
		"no bool":   {[]string{"table=users", "columns=email", "where=email"}, []string{"where=email: argument of WHERE must be type boolean"}},
		"volatile":  {[]string{"table=users", "columns=(random())"}, []string{"must be marked IMMUTABLE"}},
		"name":      {[]string{"table=users", "columns=email", "index=taken"}, []string{"taken is taken"}},
		"partition": {[]string{"table=parts", "columns=id", "unique=true"}, []string{"must hold its partition key, at"}},
	} {
		t.Run(name, func(t *testing.T) { (&rig{T: t, url: r.url}).refused("add-index", params(c.params...), c.says...) })
	}
}

const orders = users + `CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total int);
INSERT INTO orders SELECT g, 1 + g % 20, g FROM generate_series(1, 200) AS g;`

func TestAddForeignKey(t *testing.T) {
	t.Parallel()
	r := newRig(t, orders)
	r.add("add-foreign-key", params("table=orders", "columns=user_id", "references=users", "on_delete=cascade"))
	r.roundTrips()
	r.rows("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'f'", "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE")
}

func TestAddForeignKeyNamesOrphans(t *testing.T) {
	t.Parallel()
	r := newRig(t, orders+"UPDATE orders SET user_id = 1000 WHERE id = 7")
	r.add("add-foreign-key", params("table=orders", "columns=user_id", "references=users"))
	before := r.dump()
	if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "1 rows of orders refer to no row of users") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("DELETE FROM orders WHERE id = 7")
	r.up(0)
}

func TestAddForeignKeyRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, orders+"ALTER TABLE orders ADD price numeric, ADD twin bigint GENERATED ALWAYS AS (user_id) STORED")
	for name, c := range map[string]struct{ params, says []string }{
		"table":      {[]string{"columns=user_id", "references=user"}, []string{"did you mean users?"}},
		"column":     {[]string{"columns=userid", "references=users"}, []string{"did you mean user_id?"}},
		"not unique": {[]string{"columns=user_id", "references=users", "to=is_active"}, []string{"no unique constraint over is_active"}},
		"action":     {[]string{"columns=user_id", "references=users", "on_delete=cascde"}, []string{"did you mean cascade?"}},
		"type":       {[]string{"columns=price", "references=users"}, []string{`Key columns "price" `, `"id" `, "are of incompatible types"}},
		"generated":  {[]string{"columns=twin", "references=users", "on_delete=set default"}, []string{"containing generated column"}},
		"not null":   {[]string{"columns=id", "references=users", "on_delete=set null"}, []string{"orders.id is NOT NULL, so that SET NULL would fail"}},
		"number":     {[]string{"columns=user_id, id", "references=users"}, []string{"2 columns cannot refer to 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("add-foreign-key", params(append(c.params, "table=orders")...), c.says...)
		})
	}
}

// A table's own rows are those that its keys and indexes know of.
func TestKeysAreOfATablesOwnRows(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE p (id int PRIMARY KEY, mail text); CREATE TABLE p_heir () INHERITS (p); INSERT INTO p VALUES (1, 'a'); INSERT INTO p_heir VALUES (2, 'a');
CREATE TABLE c (p_id int); CREATE TABLE c_heir () INHERITS (c); INSERT INTO c VALUES (1), (2); INSERT INTO c_heir VALUES (3)`)
	r.add("add-index", params("table=p", "columns=mail", "unique=true"))
	r.add("add-foreign-key", params("table=c", "columns=p_id", "references=p"))
	r.up(1)
	before := r.dump()
	if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "1 rows of c refer to no row of p") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("INSERT INTO p VALUES (2)")
	r.up(0)
	r.down(2)
}

// The right to refer to another's table is one of its own.
func TestAddForeignKeyNeedsTheRightToRefer(t *testing.T) {
	t.Parallel()
	all := newRig(t, users+"CREATE ROLE fk_guest LOGIN; GRANT ALL ON SCHEMA public TO fk_guest; GRANT SELECT ON users TO fk_guest; CREATE TABLE orders (user_id bigint); ALTER TABLE orders OWNER TO fk_guest")
	t.Cleanup(func() { pgtest.Exec(t, all.url, "DROP OWNED BY fk_guest; DROP ROLE fk_guest") })
	r := &rig{T: t, url: pgtest.AsUser(t, all.url, "fk_guest")}
	p := params("table=orders", "columns=user_id", "references=users")
	r.refused("add-foreign-key", p, "this role may not refer to users", "GRANT REFERENCES")
	all.exec("GRANT REFERENCES (id) ON users TO fk_guest")
	if _, _, err := r.expand("add-foreign-key", p); err != nil {
		t.Error(err)
	}
}

const parts = `CREATE TABLE m (id bigint, day int NOT NULL, mail text) PARTITION BY RANGE (day);
CREATE TABLE m_2024 PARTITION OF m FOR VALUES FROM (2024) TO (2025);`

// Something else makes partitions: the file cannot know all of them, and an
// index that lacks one enforces nothing.
func TestAddIndexNamesPartitionsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, known := range []string{parts, "CREATE TABLE m (id bigint, day int NOT NULL, mail text) PARTITION BY RANGE (day);"} {
		r := newRig(t, known)
		r.add("add-index", params("table=m", "columns=mail, day", "unique=true"))
		before := r.dump()
		r.exec("CREATE TABLE m_2025 PARTITION OF m FOR VALUES FROM (2025) TO (2026); CREATE TABLE m_2026 PARTITION OF m FOR VALUES FROM (2026) TO (2027)")
		err := pq.As(r.tryUp(0))
		if err == nil || !strings.Contains(err.Message, "m_mail_day_key is not valid") || !strings.HasSuffix(err.Detail, ": m_2025, m_2026") ||
			!strings.Contains(err.Hint, "CREATE UNIQUE INDEX CONCURRENTLY new_name ON the_partition (mail, day); ALTER INDEX m_mail_day_key ATTACH") {
			t.Fatalf("up: %+v", err)
		}
		for _, p := range []string{"m_2025", "m_2026"} {
			r.exec("CREATE UNIQUE INDEX CONCURRENTLY " + p + "_i ON " + p + " (mail, day)")
			r.exec("ALTER INDEX m_mail_day_key ATTACH PARTITION " + p + "_i")
		}
		r.up(0)
		r.rows("SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0")
		r.down(1)
		r.exec("DROP TABLE m_2025, m_2026")
		r.same("down", before)
	}
}

// Stopped after any of its steps, the file goes on, or is reverted without a trace.
func TestAddIndexOnPartitionsGoesOnAndComesDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, parts+"CREATE TABLE m_2025 PARTITION OF m DEFAULT; INSERT INTO m SELECT g, 2024 + g % 3, 'm' || g FROM generate_series(1, 90) AS g")
	r.add("add-index", params("table=m", "columns=mail, day", "unique=true"))
	before := r.dump()
	r.up(0)
	is := r.dump()
	r.down(1)
	for step := 1; step <= 5; step++ {
		for _, onward := range []bool{true, false} {
			if err := r.stoppedAfter(step); err == nil {
				t.Fatalf("step %d: not stopped", step)
			}
			if onward {
				r.up(0)
				r.same(fmt.Sprintf("up after step %d", step), is)
			}
			r.down(1)
			r.same(fmt.Sprintf("down after step %d", step), before)
		}
	}
}

// stoppedAfter is an up that ends once so many steps are done.
func (r *rig) stoppedAfter(steps int) error {
	r.Helper()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	r.hear = func(e runner.Event) {
		if _, ok := e.(runner.StepDone); ok {
			if steps--; steps == 0 {
				cancel()
			}
		}
	}
	defer func() { r.hear = nil }()
	_, err := r.runner().Up(ctx, runner.UpRequest{})
	return err
}

// What tells partitions apart is the end of their names, and other indexes may
// have the names by now.
func TestAddIndexFindsNamesForThePartitions(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 56)
	r := newRig(t, fmt.Sprintf(`CREATE TABLE m (id bigint, %[1]s_mail int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1); CREATE TABLE %[1]s_1 PARTITION OF m FOR VALUES IN (2); CREATE TABLE %[1]s_2 PARTITION OF m FOR VALUES IN (3);
CREATE SCHEMA other; CREATE TABLE other.m_1 PARTITION OF m FOR VALUES IN (4);
CREATE TABLE m_1_id_idx (); CREATE TABLE m_1_idx ();`, long))
	for index, want := range map[string][]string{
		"":               {"m_1_id_idx1", "other.m_1_id_idx", long + "_1_idx", long + "_2_idx"},
		"m_1_it":         {"m_1_1_it", "other.m_1_1_it", long + "_1_1_it", long + "_2_1_it"},
		long:             {"m_1_" + long, "other.m_1_" + long, long + "_1_idx", long + "_2_idx"},
		long + "x":       {"m_1_" + long + "x", "other.m_1_" + long + "x", long + "_1_idx", long + "_2_idx"},
		long + "_itself": {"m_1_idx1", "other.m_1_idx", long + "_1_idx", long + "_2_idx"},
	} {
		p := params("table=m", "columns=id")
		if index != "" {
			p["index"] = index
		}
		r.add("add-index", p)
		r.up(0)
		r.rows("SELECT i.inhrelid::regclass::text FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_index AS x ON x.indexrelid = c.oid ORDER BY length(x.indrelid::regclass::text), 1", want...)
		r.down(1)
		r.only(0)
		r.exec("DROP SCHEMA rung CASCADE")
	}
	r.exec("CREATE FOREIGN DATA WRAPPER f; CREATE SERVER s FOREIGN DATA WRAPPER f; CREATE FOREIGN TABLE far PARTITION OF m FOR VALUES IN (9) SERVER s")
	r.refused("add-index", params("table=m", "columns=id"), "partition far that is a foreign table")
}
