package templates

import (
	"strings"
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
)

const users = `CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, is_active boolean);
INSERT INTO users (email, is_active) SELECT 'u' || g, CASE WHEN g % 10 = 0 THEN false END FROM generate_series(1, 100) AS g;`

func TestBackfill(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("backfill", params("table=users", "column=is_active", "value=users.id <> 7"))
	r.up(0)
	r.rows("SELECT count(*), count(*) FILTER (WHERE is_active) FROM users", "100|89")
	if err := r.tryDown(1); err == nil || !strings.Contains(err.Error(), "not kept") {
		t.Errorf("down: %v", err)
	}
}

// What needs no parentheses has none.
func TestBackfillIsReadable(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	for where, want := range map[string]string{
		"":                     "WHERE id BETWEEN $1 AND $2\n   AND is_active IS NULL;",
		"where=id < 5 OR true": "WHERE id BETWEEN $1 AND $2\n   AND (id < 5 OR true);",
	} {
		p := []string{"table=users", "column=is_active", "value=true", where}
		if where == "" {
			p = p[:3]
		}
		files, _, err := r.expand("backfill", params(p...))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(files[0].Up, want) {
			t.Errorf("%s", files[0].Up)
		}
	}
	files, _, err := r.expand("add-column", params("table=users", "column=k", "type=text", "value=lower(email)"))
	if err != nil || !strings.Contains(files[1].Up, "FROM (SELECT lower(email) FROM (SELECT OLD.*) AS users)") {
		t.Errorf("%v: %s", err, files[1].Up)
	}
}

func TestBackfillThatKeepsRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("backfill", params("table=users", "column=email", "value=upper(email)", "where=id % 2 = 0", "keep=true"))
	r.roundTrips()
	r.rows("SELECT email FROM users WHERE id IN (1, 2) ORDER BY id", "u1", "U2")
}

// What the application has made of a row since is not taken away with what the
// row was filled with.
func TestBackfillLeavesOnTheWayBackWhatWasChangedSince(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+`CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.email := upper(NEW.email); RETURN NEW; END';
CREATE TRIGGER shout BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION shout(); ALTER TABLE users ADD COLUMN doc json, ADD COLUMN doc_filled int UNIQUE NOT NULL GENERATED ALWAYS AS IDENTITY`)
	r.add("backfill", params("table=users", "column=email", "value='x' || id", "where=id < 5", "keep=true"))
	r.add("backfill", params("table=users", "column=doc", "value='{}'", "where=id < 5", "keep=true", "key=doc_filled"))
	r.up(0)
	r.rows("SELECT id, email, doc FROM users WHERE id IN (1, 2) ORDER BY id", "1|X1|{}", "2|X2|{}")
	r.exec(`UPDATE users SET email = 'new', doc = '{"a": 1}' WHERE id = 2; UPDATE users SET email = NULL, doc = NULL WHERE id = 3; DELETE FROM users WHERE id = 4`)
	r.exec("ALTER TABLE users DISABLE TRIGGER shout")
	r.down(2)
	r.rows("SELECT id, email, doc FROM users WHERE id < 5 ORDER BY id", "1|u1|", `2|NEW|{"a": 1}`, "3||")
}

// Rows that a policy hides from the down migration would be lost with the side table.
func TestBackfillForcedRowSecurity(t *testing.T) {
	t.Parallel()
	forced(t, "bf_forced", func(r, all *rig, stops func(string, error)) {
		r.add("backfill", params("table=f", "column=n", "value=n + 1", "where=true", "keep=true"))
		stops("up", r.tryUp(0))
		r.up(0)
		all.exec("ALTER TABLE f FORCE ROW LEVEL SECURITY")
		stops("down", r.tryDown(1))
		r.down(1)
		all.rows("SELECT id, n FROM f ORDER BY id", "1|1", "2|2")
	})
}

// A role that may write the rows of a table need not own it.
func TestBackfillOfATableWhoseRowsAreHidden(t *testing.T) {
	t.Parallel()
	forced(t, "bf_guest", func(r, all *rig, _ func(string, error)) {
		all.exec("ALTER TABLE f OWNER TO postgres; ALTER TABLE f NO FORCE ROW LEVEL SECURITY; GRANT ALL ON f TO bf_guest")
		r.add("backfill", params("table=f", "column=n", "value=n + 1", "where=true"))
		if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "row security hides rows of f from bf_guest") {
			t.Fatalf("up: %v", err)
		}
		all.exec("ALTER TABLE f DISABLE ROW LEVEL SECURITY")
		r.up(0)
		all.rows("SELECT id, n FROM f ORDER BY id", "1|2", "2|3")
	})
}

// forced has a role own the table f, whose row security hides a row from it.
func forced(t *testing.T, role string, f func(r, all *rig, stops func(string, error))) {
	all := newRig(t, strings.ReplaceAll(`CREATE ROLE r LOGIN; GRANT ALL ON SCHEMA public TO r;
CREATE TABLE f (id int PRIMARY KEY, n int, deleted_at timestamp); INSERT INTO f VALUES (1, 1, NULL), (2, 2, '2020-01-01'); ALTER TABLE f OWNER TO r;
ALTER TABLE f ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON f USING (id < 2);
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO r', current_database()); END $$`, " r", " "+role))
	t.Cleanup(func() {
		pgtest.Exec(t, all.url, "REASSIGN OWNED BY "+role+" TO postgres; DROP OWNED BY "+role+"; DROP ROLE "+role)
	})
	r := &rig{T: t, url: pgtest.AsUser(t, all.url, role), files: fstest.MapFS{}}
	f(r, all, func(when string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "row security hides rows of f") {
			t.Fatalf("%s: %v", when, err)
		}
		all.exec("ALTER TABLE f NO FORCE ROW LEVEL SECURITY")
	})
}

func TestBackfillRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+`ALTER TABLE users ADD COLUMN shout text GENERATED ALWAYS AS (upper(email)) STORED, ADD uid int NOT NULL DEFAULT 1; CREATE TABLE users_email_before ();
CREATE TABLE parents (id int PRIMARY KEY, n int); CREATE TABLE heirs (PRIMARY KEY (id)) INHERITS (parents);
CREATE TABLE elder (id int, "No" int NOT NULL, n int, PRIMARY KEY ("No", id)); CREATE TABLE bare () INHERITS (elder); CREATE TABLE mixed () INHERITS (elder);
CREATE INDEX ON mixed ("No", id DESC); CREATE INDEX ON mixed ("No"); CREATE INDEX ON mixed ("No", id) WHERE n > 0; CREATE INDEX ON mixed USING hash (id)`)
	for name, c := range map[string]struct{ params, says []string }{
		"table":     {[]string{"table=user", "column=email", "value=1"}, []string{`no table "user"`, "did you mean users?"}},
		"column":    {[]string{"table=users", "column=mail", "value=1"}, []string{`no column of users "mail"`, "did you mean email?"}},
		"value":     {[]string{"table=users", "column=email", "value=uper(email)"}, []string{"function uper(text) does not exist"}},
		"type":      {[]string{"table=users", "column=is_active", "value=now()"}, []string{"is of type boolean but expression is of type timestamp with time zone"}},
		"no cast":   {[]string{"table=users", "column=is_active", "value='true'::text"}, []string{"is of type boolean but expression is of type text"}},
		"implicit":  {[]string{"table=users", "column=is_active", "value=1"}, []string{"value=1:", "expression is of type integer"}},
		"aggregate": {[]string{"table=users", "column=email", "value=count(*)"}, []string{"aggregate functions are not allowed"}},
		"bracket":   {[]string{"table=users", "column=email", "value=lower(email"}, []string{"value=lower(email does not end: syntax error", "parenthesis"}},
		"quote":     {[]string{"table=users", "column=email", "value='x"}, []string{"value='x does not end: unterminated quoted string", "quote"}},
		"half":      {[]string{"table=users", "column=email", "value=1", "where=id >"}, []string{"where=id > does not end: syntax error"}},
		"too many":  {[]string{"table=users", "column=email", "value=lower(email))"}, []string{`value=lower(email)): syntax error at or near ")"`}},
		"a list":    {[]string{"table=users", "column=email", "value='a', 'b'"}, []string{"value='a', 'b' is a list, and not one value"}},
		"where":     {[]string{"table=users", "column=email", "value='x'", "where=email"}, []string{"where=email: argument of WHERE must be type boolean"}},
		"flag":      {[]string{"table=users", "column=email", "value='x'", "keep=yes"}, []string{"neither true nor false"}},
		"generated": {[]string{"table=users", "column=shout", "value='x'"}, []string{"generated column"}},
		"side":      {[]string{"table=users", "column=email", "value='x'", "keep=true"}, []string{"users_email_before is taken"}},
		"key":       {[]string{"table=users", "column=email", "value='x'", "key=ids"}, []string{"did you mean id?"}},
		"moving":    {[]string{"table=users", "column=id", "value=id + 1000", "where=id < 1000"}, []string{"users.id is of the key", "--set key="}},
		"unordered": {[]string{"table=users", "column=email", "value='x'", "key=uid"}, []string{"batches over users go along (uid), and no index gives that order of public.users"}},
		"bare":      {[]string{"table=elder", "column=n", "value=1"}, []string{`go along ("No", id), and no index gives that order of public.bare, public.mixed`, "on each of them"}},
		"heirs":     {[]string{"table=parents", "column=n", "value=1", "keep=true"}, []string{"inherit from parents", "leave keep out"}},
	} {
		t.Run(name, func(t *testing.T) { (&rig{T: t, url: r.url}).refused("backfill", params(c.params...), c.says...) })
	}
}

func TestSetNotNull(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("set-not-null", params("table=users", "column=email"))
	r.roundTrips()
	r.refused("set-not-null", params("table=users", "column=email"), "NOT NULL already")
}

func TestSetNotNullNamesTheRowsInTheWay(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("set-not-null", params("table=users", "column=is_active"))
	before := r.dump()
	err := r.tryUp(0)
	if err == nil || !strings.Contains(err.Error(), "90 rows of users have no is_active") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE users SET is_active = true WHERE is_active IS NULL")
	r.up(0)
}

// What a partition or a child has of its own is not taken away with the rest.
func TestSetNotNullLeavesWhatHeirsHave(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE m (id int, n int) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m (n NOT NULL) FOR VALUES FROM (0) TO (10); CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (10) TO (20);
CREATE TABLE p (id int, n int); CREATE TABLE child () INHERITS (p); CREATE TABLE its () INHERITS (child); ALTER TABLE its ALTER n SET NOT NULL; INSERT INTO p VALUES (1, 1);`)
	for table, child := range map[string]string{"m": "m_1", "p": "its"} {
		if pgtest.Major(t, r.url) < 18 {
			r.refused("set-not-null", params("table="+table, "column=n"), "n is NOT NULL in public."+child+" alone", "drop it there")
			r.exec("ALTER TABLE " + child + " ALTER n DROP NOT NULL")
		}
		r.add("set-not-null", params("table="+table, "column=n"))
	}
	r.goesAndReturns()
}

// What a template makes comes into the schema of its table, also where that is
// not the first of the search_path.
func TestNewObjectsStandBesideTheirTable(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE SCHEMA app; CREATE SCHEMA first;
CREATE TABLE app.posts (id int PRIMARY KEY, tags text); INSERT INTO app.posts VALUES (1, 'a,b');
CREATE TABLE app.notes (post_id int REFERENCES app.posts); CREATE TABLE first.tags (); CREATE TABLE first.posts_tags_before ();`)
	r.url = option(t, r.url, "search_path", "first,app")
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.add("backfill", params("table=posts", "column=tags", "value=upper(tags)", "where=true", "keep=true"))
	r.add("add-column", params("table=posts", "column=low", "type=text", "value=lower(tags)", "default=''"))
	r.add("derived-column", params("table=posts", "column=n", "source=notes", "value=count(*)", "keep=true"))
	r.goesAndReturns()
	r.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'app'::regnamespace ORDER BY 1", "notes", "post_tags", "posts", "posts_tags_before", "posts_tags_written", "tags")
	r.rows("SELECT proname FROM pg_proc WHERE pronamespace = 'first'::regnamespace")
}

// A table may have the name that another one has in the queries.
func TestTablesNamedLikeAliases(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"b", "t", "p", "k", "w", "v", "u", "item"} {
		r := newRig(t, "CREATE TABLE "+name+" (id int PRIMARY KEY, list varchar(9)); INSERT INTO "+name+" VALUES (1, 'a,b'), (2, 'c'), (3, NULL)")
		r.add("backfill", params("table="+name, "column=list", "value='x'", "where=list IS NULL", "keep=true"))
		r.roundTrips()
		r.rows("SELECT id, list FROM "+name+" ORDER BY id", "1|a,b", "2|c", "3|x")
		r.add("list-to-table", params("table="+name, "column=list", "to=words", "link=links"))
		r.eachRung(3)
		r.exec("UPDATE words SET name = 'long enough' WHERE name = 'c'")
		if err := r.tryDown(1); err == nil || !strings.Contains(err.Error(), "1 lists are too long for "+name+".list") {
			t.Fatalf("down: %v", err)
		}
	}
}
