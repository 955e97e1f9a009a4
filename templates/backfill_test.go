package templates

import (
	"strings"
	"testing"
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

func TestBackfillThatKeepsRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, users)
	r.add("backfill", params("table=users", "column=email", "value=upper(email)", "where=id % 2 = 0", "keep=true"))
	r.roundTrips()
	r.rows("SELECT email FROM users WHERE id IN (1, 2) ORDER BY id", "u1", "U2")
}

func TestBackfillRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+`ALTER TABLE users ADD COLUMN shout text GENERATED ALWAYS AS (upper(email)) STORED; CREATE TABLE users_email_before ()`)
	for name, c := range map[string]struct{ params, says []string }{
		"table":     {[]string{"table=user", "column=email", "value=1"}, []string{`no table "user"`, "did you mean users?"}},
		"column":    {[]string{"table=users", "column=mail", "value=1"}, []string{`no column of users "mail"`, "did you mean email?"}},
		"value":     {[]string{"table=users", "column=email", "value=uper(email)"}, []string{"function uper(text) does not exist"}},
		"type":      {[]string{"table=users", "column=is_active", "value=now()"}, []string{"is of type boolean but expression is of type timestamp with time zone"}},
		"no cast":   {[]string{"table=users", "column=is_active", "value='true'::text"}, []string{"is of type boolean but expression is of type text"}},
		"where":     {[]string{"table=users", "column=email", "value='x'", "where=email"}, []string{"where=email: argument of WHERE must be type boolean"}},
		"flag":      {[]string{"table=users", "column=email", "value='x'", "keep=yes"}, []string{"neither true nor false"}},
		"generated": {[]string{"table=users", "column=shout", "value='x'"}, []string{"generated column"}},
		"side":      {[]string{"table=users", "column=email", "value='x'", "keep=true"}, []string{"users_email_before is taken"}},
		"key":       {[]string{"table=users", "column=email", "value='x'", "key=ids"}, []string{"did you mean id?"}},
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
	r.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'app'::regnamespace ORDER BY 1", "notes", "post_tags", "posts", "posts_tags_before", "tags")
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
