package templates

import (
	"fmt"
	"strings"
	"testing"

	"rung/runner"
)

const lowered = "value=lower(users.email)"

func TestAddColumnRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("add-column", params("table=users", "column=email_key", "type=text", lowered, "default=''"))
	r.roundTrips()
	r.exec("INSERT INTO users (email) VALUES ('Z')")
	r.rows("SELECT count(*), count(*) FILTER (WHERE email_key = lower(email)), count(*) FILTER (WHERE email_key = '') FROM users", "101|100|1")
}

func TestAddColumnThatMayBeNull(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("add-column", params("table=users", "column=doc", "type=json", "value=CASE WHEN is_active THEN to_json(email) END", "null=true"))
	r.up(2)
	r.exec("INSERT INTO users (email, is_active) VALUES ('Z', true); UPDATE users SET email = 'Y' WHERE email = 'Z'")
	r.rows("SELECT doc FROM users WHERE email = 'Y'", `"Y"`)
	r.down(2)
	r.roundTrips()
}

func TestAddColumnOfOneValueTouchesNoRow(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	if files := r.add("add-column", params("table=users", "column=since", "type=timestamptz", "value=now()", "default=now()")); len(files) != 1 {
		t.Fatalf("%d pairs", len(files))
	}
	r.exec("CREATE TABLE node AS SELECT relfilenode FROM pg_class WHERE relname = 'users'")
	r.up(0)
	r.rows("SELECT count(*) FROM pg_class JOIN node USING (relfilenode)", "1")
	r.rows("SELECT count(DISTINCT since), count(*) FROM users", "1|100")
	r.down(1)
}

func TestAddColumnOfAVolatileValueFillsEachRow(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("add-column", params("table=users", "column=token", "type=uuid", "value=gen_random_uuid()", "default=gen_random_uuid()"))
	r.up(2)
	r.exec("CREATE TABLE was AS SELECT id, token FROM users; UPDATE users SET email = email || 'x'")
	r.up(0)
	r.rows("SELECT count(DISTINCT users.token), count(*) FILTER (WHERE users.token <> was.token) FROM users JOIN was USING (id)", "100|0")
}

// By chance a value may be the same again: that does not make it the row's.
func TestAddColumnOfAVolatileValueStays(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+`CREATE SEQUENCE s; ALTER TABLE users ADD "Doc" json;
CREATE FUNCTION slug(text, json) RETURNS text LANGUAGE sql AS 'SELECT lower($1)'`)
	for column, p := range map[string][]string{
		"coin": {"type=int", "value=floor(random() * 2 + users.id * 0)"},
		"n":    {"type=bigint", "value=nextval('s')"},
		"slug": {"type=text", `value=slug(email, "Doc")`},
	} {
		r.add("add-column", params(append(p, "table=users", "column="+column)...))
		r.up(2)
		r.exec("CREATE TABLE was AS SELECT id, " + column + "::text AS v FROM users; UPDATE users SET is_active = true")
		r.rows("SELECT count(*) FROM users JOIN was USING (id) WHERE "+column+"::text = v", "100")
		if column == "slug" {
			r.exec("UPDATE users SET email = 'New' WHERE id = 1; UPDATE users SET email = 'New', slug = 'mine' WHERE id = 2")
			r.rows("SELECT slug FROM users WHERE id < 3 ORDER BY id", "new", "mine")
		}
		r.up(0)
		r.exec("DROP TABLE was")
	}
	r.rows("SELECT last_value FROM s", "200") // 100 of them by the look whether all rows have a value
}

func TestAddColumnNamesTheRowsInTheWay(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+"UPDATE users SET email = NULL WHERE id IN (3, 5)")
	r.add("add-column", params("table=users", "column=email_key", "type=text", lowered))
	before := r.dump()
	err := r.tryUp(0)
	if err == nil || !strings.Contains(err.Error(), "2 rows of users would have no email_key") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE users SET email = '' WHERE email IS NULL")
	r.up(0)
}

// Here the file fails, by whatever, when the first part of it is in place.
func TestOneFileComesDownFromHalfway(t *testing.T) {
	t.Parallel()
	for template, at := range map[string]string{"set-not-null": "-- This is the scan.", "add-index": "-- The index is there"} {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, shop)
			p := map[string]map[string]string{"set-not-null": params("table=users", "column=email"), "add-index": params("table=users", "columns=email", "unique=true")}
			r.add(template, p[template])
			before := r.dump()
			up := r.files["000001_it_.up.sql"]
			was := up.Data
			up.Data = []byte(strings.Replace(string(was), at, "DO 'BEGIN ASSERT false; END';\n\n--", 1))
			if r.tryUp(0) == nil {
				t.Fatal("no failure")
			}
			up.Data = was
			r.down(1)
			r.same("down from halfway", before)
			r.goesAndReturns()
		})
	}
}

// Rows that prevent it and come after the look stop the last file halfway.
func TestTheWayBackFromHalfway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		template   string
		params     []string
		spoil, fix string
	}{
		"add-column":   {"add-column", []string{"type=text", lowered}, "INSERT INTO users (id, email) VALUES (0, NULL)", "DELETE FROM users WHERE id = 0"},
		"with default": {"add-column", []string{"type=text", lowered, "default=''"}, "INSERT INTO users (id, email) VALUES (0, NULL)", "DELETE FROM users WHERE id = 0"},
		"derived-column": {
			"derived-column",
			[]string{"source=orders", "value=CASE WHEN max(total) < 999999 THEN 1 WHEN count(*) = 0 THEN 0 END"},
			"UPDATE orders SET total = 1000000 WHERE id = 1", "UPDATE orders SET total = 1 WHERE id = 1",
		},
		"kept": {
			"derived-column",
			[]string{"source=orders", "value=CASE WHEN max(total) < 999999 THEN 1 WHEN count(*) = 0 THEN 0 END", "keep=true"},
			"UPDATE orders SET total = 1000000 WHERE id = 1", "UPDATE orders SET total = 1 WHERE id = 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, shop)
			r.add(c.template, params(append(c.params, "table=users", "column=n")...))
			r.up(2)
			before := r.dump()
			r.exec(c.spoil)
			if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "is violated by some row") {
				t.Fatalf("up: %v", err)
			}
			r.hear = func(e runner.Event) {
				if n, ok := e.(runner.Notice); ok {
					t.Error(n.Message)
				}
			}
			r.down(1)
			r.exec(c.fix)
			r.same("down from halfway", before)
			r.up(0)
			r.down(3)
		})
	}
}

func TestAddColumnRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+`ALTER TABLE users ADD COLUMN shout text GENERATED ALWAYS AS (upper(email)) STORED`)
	for name, c := range map[string]struct{ params, says []string }{
		"there already": {[]string{"column=email", "type=text", "value=''"}, []string{"has a column email already"}},
		"type":          {[]string{"column=x", "type=tex", "value=''"}, []string{`no type "tex"`, "did you mean text?"}},
		"value":         {[]string{"column=x", "type=text", "value=lower(mail)"}, []string{`value=lower(mail): column "mail" does not exist`}},
		"generated":     {[]string{"column=x", "type=text", "value=lower(shout)"}, []string{`column "shout" does not exist`}},
		"default":       {[]string{"column=x", "type=int", "value=id::int", "default=now()"}, []string{"default=now(): column", "is of type integer but default expression is of type timestamp"}},
		"text":          {[]string{"column=x", "type=int", "value=id::int", "default='5'::text"}, []string{"is of type integer but default expression is of type text"}},
		"half a type":   {[]string{"column=x", "type=numeric(10", "value=1"}, []string{"type=numeric(10 does not end: syntax error"}},
		"aggregate":     {[]string{"column=x", "type=int", "value=max(id)"}, []string{"value=max(id): aggregate functions are not allowed"}},
		"window":        {[]string{"column=x", "type=bigint", "value=row_number() OVER ()"}, []string{"window functions are not allowed"}},
		"a list":        {[]string{"column=x", "type=text", "value='a', email"}, []string{"value='a', email is a list, and not one value"}},
		"default list":  {[]string{"column=x", "type=text", "value=email", "default=1,5"}, []string{"default=1,5 is a list, and not one value", "1.5"}},
		"alias":         {[]string{"column=x", "type=int", "value=id::int AS y"}, []string{"syntax error"}},
		"parameter":     {[]string{"column=x", "type=bigint", "value=id + $1"}, []string{"there is no parameter $1"}},
		"NULL":          {[]string{"column=x", "type=int", "value=NULL"}, []string{"value=NULL is NULL", "null=true"}},
		"quotes":        {[]string{`column="X"`, "type=int", "value=id::int"}, []string{`the column "X" would have the quotes`}},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("add-column", params(append(c.params, "table=users")...), c.says...)
		})
	}
}

func TestAddColumnLive(t *testing.T) {
	live(t, func() *watch {
		r := newRig(t, users+fmt.Sprintf("INSERT INTO users (email) SELECT 'U' || g FROM generate_series(101, %d) AS g", *liveRows))
		before := r.objects()
		r.add("add-column", params("table=users", "column=email_key", "type=text", lowered, "default='u'"))
		w := startWatch(t, r.url)
		r.up(1)
		l := startLoad(t, r.url, *liveRows,
			"INSERT INTO users (email) VALUES ('New' || $1)",
			"UPDATE users SET email = 'Changed' || $1 WHERE id = $1",
			"UPDATE users SET is_active = true WHERE id = $1",
			"DELETE FROM users WHERE id = $1 AND id % 7 = 0")
		r.up(1)
		l.finish()
		r.rows("SELECT count(*) FROM users WHERE email_key IS DISTINCT FROM lower(email)", "0")
		l = startLoad(t, r.url, *liveRows,
			"INSERT INTO users (email) VALUES ('U' || $1)",
			"UPDATE users SET is_active = false WHERE id = $1",
			"DELETE FROM users WHERE id = $1 AND id % 7 = 1")
		r.up(0)
		l.finish()
		r.rows("SELECT count(*) FROM users WHERE email_key IS NULL OR email_key NOT IN ('u', lower(email))", "0")
		r.became(before, "+column users.email_key text NOT NULL DEFAULT 'u'::text")
		return w
	})
}

// An UPDATE of the application must not meet what the batches could not do.
func TestAddColumnNamesTheRowsThatDoNotFit(t *testing.T) {
	t.Parallel()
	for name, p := range map[string][]string{
		"length": {"type=varchar(3)", "value=email"},
		"cast":   {"type=int", "value=(email || id)::int", "null=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Named like the variables of the check.
			r := newRig(t, `CREATE TABLE users (id int PRIMARY KEY, email text, many int, examples int, why int, fitting int, row_in_way int);
INSERT INTO users SELECT g, CASE WHEN g % 20 = 0 THEN 'much too long' ELSE '1' END FROM generate_series(1, 60) AS g`)
			r.add("add-column", params(append(p, "table=users", "column=key")...))
			before := r.dump()
			err := r.tryUp(0)
			if err == nil || !strings.Contains(err.Error(), "3 rows of users would have no key") {
				t.Fatalf("up: %v", err)
			}
			r.same("after the refusal", before)
			r.exec("UPDATE users SET email = '2' WHERE length(email) > 3")
			r.up(0)
		})
	}
	newRig(t, users).refused("add-column", params("table=users", "column=n", "type=int", "value=email"), "value=email: column", "is of type integer but expression is of type text")
}

// A column of a domain with constraints is added by rewriting the table: not by files
// that promise to hold its lock for a moment.
func TestOnlineAddsNoColumnOfACheckedDomain(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE DOMAIN positive AS bigint CHECK (value >= 0); CREATE DOMAIN plain AS bigint;
CREATE TABLE users (id int PRIMARY KEY, n int); CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users);
INSERT INTO users SELECT g, g FROM generate_series(1, 10) AS g`)
	for template, more := range map[string][]string{
		"add-column":     {"column=m", "value=n", "type=positive"},
		"derived-column": {"column=m", "source=orders", "value=count(*)::positive"},
		"change-type":    {"column=n", "type=positive"},
	} {
		t.Run(template, func(t *testing.T) {
			p := append(more, "table=users", "way=online")
			(&rig{T: t, url: r.url}).refused(template, params(p...), "adds a column of type positive by rewriting the table", "--set way=direct")
		})
	}
	r.add("add-column", params("table=users", "column=p", "value=n", "type=plain", "way=online"))
	r.add("add-column", params("table=users", "column=q", "value=n", "type=positive", "way=direct"))
	r.goesAndReturns()
}

// A column named like a variable of the check is the column.
func TestChecksMeetColumnsNamedLikeTheirVariables(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE t (many int PRIMARY KEY, examples int, n int); INSERT INTO t VALUES (1, 2, 3)")
	r.add("set-not-null", params("table=t", "column=examples"))
	r.add("add-index", params("table=t", "columns=examples", "unique=true"))
	r.goesAndReturns()
}
