package templates

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
)

const posts = `CREATE TABLE posts (id int PRIMARY KEY, tags text);
INSERT INTO posts VALUES (1, 'red, green,blue'), (2, E'\tred\t,, red ,  Red'), (3, ''), (4, NULL), (5, ' , '), (6, 'b,a,b,c,a');`

const tagsOf = `SELECT p.id, string_agg(t.name, '|' ORDER BY k.position) FROM posts p
  LEFT JOIN post_tags k ON k.post_id = p.id LEFT JOIN tags t ON t.id = k.tag_id GROUP BY p.id ORDER BY p.id`

func TestListToTable(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts)
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(2)
	want := []string{"1|red|green|blue", "2|red|Red", "3|", "4|", "5|", "6|b|a|c"}
	r.rows(tagsOf, want...)
	r.exec("INSERT INTO posts VALUES (7, 'x, red'); UPDATE posts SET tags = 'y,x' WHERE id = 1; DELETE FROM posts WHERE id = 6")
	r.rows(tagsOf, "1|y|x", "2|red|Red", "3|", "4|", "5|", "7|x|red")
	r.rows("SELECT name FROM tags WHERE id = 9", "y") // no number was used up for those that were there
	r.up(1)
	r.exec("DELETE FROM post_tags WHERE post_id = 7 AND position = 1; INSERT INTO post_tags SELECT 4, id, 1 FROM tags WHERE name = 'y'")
	r.down(1)
	r.rows("SELECT id, tags FROM posts ORDER BY id", "1|y,x", "2|\tred\t,, red ,  Red", "3|", "4|y", "5| , ", "7|red")
}

func TestListToTableRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts)
	r.add("list-to-table", params("table=posts", "column=tags", "to=labels", "link=labelled", "separator=,"))
	r.roundTrips()
}

// While the batches run back, an application may write the column.
func TestListToTableFollowsTheColumnWhileItGoesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts)
	down := r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))[2].Down
	r.up(0)
	r.exec("DELETE FROM post_tags WHERE post_id = 1 AND position < 3")
	trigger, batch, _ := strings.Cut(down, "-- What was written to the tables last")
	r.exec(trigger)
	r.exec("UPDATE posts SET tags = 'new' WHERE id = 2; INSERT INTO posts VALUES (7, 'x, red')")
	r.exec("--" + strings.ReplaceAll(batch, "BETWEEN $1 AND $2", "BETWEEN 1 AND 100"))
	r.rows("SELECT id, tags FROM posts ORDER BY id", "1|blue", "2|new", "3|", "4|", "5| , ", "6|b,a,b,c,a", "7|x, red")
	r.rows(tagsOf, "1|blue", "2|new", "3|", "4|", "5|", "6|b|a|c", "7|x|red")
}

// Old code may go on writing the column after the last file, as a pod that is
// still running does. Of each row what was written last comes back.
func TestListToTableGoesBackToWhatWasWrittenLast(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", " PARTITION BY HASH (id)"} {
		r := newRig(t, `CREATE TABLE "Posts" (id int PRIMARY KEY, title text, tags text)`+kind+map[bool]string{true: `; CREATE TABLE p0 PARTITION OF "Posts" FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE p1 PARTITION OF "Posts" FOR VALUES WITH (MODULUS 2, REMAINDER 1)`}[kind != ""]+`;
INSERT INTO "Posts" SELECT g, 't', 'a, b' FROM generate_series(1, 8) AS g;
CREATE FUNCTION retag() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.title = 'x' THEN NEW.tags := 'x'; END IF; RETURN NEW; END $$;
CREATE TRIGGER retag BEFORE UPDATE ON "Posts" FOR EACH ROW EXECUTE FUNCTION retag()`)
		r.add("list-to-table", params(`table="Posts"`, "column=tags", "to=tags"))
		r.up(0)
		r.exec(`UPDATE "Posts" SET tags = 'b, new' WHERE id = 1;
INSERT INTO "Posts" VALUES (9, 't', 'late, b'), (10, 't', NULL), (11, 't', 'gone');
UPDATE "Posts" SET tags = 'column' WHERE id = 2; DELETE FROM "Post_tags" WHERE "Post_id" = 2 AND position = 1;
DELETE FROM "Post_tags" WHERE "Post_id" = 3 AND position = 2; UPDATE "Posts" SET tags = 'column' WHERE id = 3;
UPDATE "Posts" SET title = 'x' WHERE id = 4;
UPDATE "Posts" SET tags = NULL WHERE id = 5;
UPDATE "Posts" SET tags = 'c' WHERE id = 6; UPDATE "Posts" SET id = 106 WHERE id = 6;
DELETE FROM "Post_tags" WHERE "Post_id" = 7; UPDATE "Posts" SET title = 'u' WHERE id = 7;
UPDATE "Posts" SET tags = 'z' WHERE id = 8; DELETE FROM "Posts" WHERE id IN (8, 11)`)
		r.down(1)
		r.rows(`SELECT id, tags FROM "Posts" ORDER BY id`, "1|b, new", "2|b", "3|column", "4|x", "5|", "7|", "9|late, b", "10|", "106|c")
		r.rows(`SELECT p.id, string_agg(t.name, '|' ORDER BY k.position) FROM "Posts" p JOIN "Post_tags" k ON k."Post_id" = p.id JOIN tags t ON t.id = k.tag_id GROUP BY p.id ORDER BY p.id`,
			"1|b|new", "2|b", "3|column", "4|x", "9|late|b", "106|c")
		r.exec(`DELETE FROM "Posts" WHERE id > 8; INSERT INTO "Posts" VALUES (6), (8); UPDATE "Posts" SET title = 't', tags = 'a, b'`)
		r.up(0)
		r.rows(`SELECT count(*) FROM "Posts_tags_written"`, "0")
		// With the column it goes, and no write fails of it.
		r.exec(`ALTER TABLE "Posts" DROP COLUMN tags CASCADE; INSERT INTO "Posts" VALUES (20)`)
	}
}

func TestListToTableEmptiesWhatMayNotBeNull(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE posts (id int PRIMARY KEY, tags text NOT NULL); INSERT INTO posts VALUES (1, 'red')")
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(0)
	r.exec("DELETE FROM post_tags")
	r.down(1)
	r.rows("SELECT id, tags FROM posts", "1|")
}

func TestListToTableRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts+`CREATE TABLE taken (); CREATE TYPE mood AS ENUM (); CREATE TABLE tag (id int PRIMARY KEY, list text);
CREATE TABLE later (id int PRIMARY KEY DEFERRABLE, list text); CREATE TABLE lists (list text PRIMARY KEY); CREATE UNLOGGED TABLE light (id int PRIMARY KEY, list text);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE TRIGGER tag_list_to_table AFTER INSERT ON tag EXECUTE FUNCTION f()`)
	for name, c := range map[string]struct{ params, says []string }{
		"type":       {[]string{"column=id", "to=tags"}, []string{"id is integer"}},
		"column":     {[]string{"column=tag", "to=tags"}, []string{"did you mean tags?"}},
		"taken":      {[]string{"column=tags", "to=taken"}, []string{"taken is taken"}},
		"schema":     {[]string{"column=tags", "to=app.tags"}, []string{"without a schema"}},
		"a type":     {[]string{"column=tags", "to=mood"}, []string{"mood is taken"}},
		"itself":     {[]string{"column=tags", "to=tags", "link=posts"}, []string{"posts is taken"}},
		"link":       {[]string{"column=tags", "to=tags", "link=tags"}, []string{"to and link are both tags"}},
		"two ids":    {[]string{"table=tag", "column=list", "to=tags"}, []string{"tag_tags would have two columns tag_id", "--set to="}},
		"trigger":    {[]string{"table=tag", "column=list", "to=words"}, []string{"tag has a trigger tag_list_to_table already"}},
		"deferrable": {[]string{"table=later", "column=list", "to=words"}, []string{"the key of later, id, is DEFERRABLE", "unique index"}},
		"unlogged":   {[]string{"table=light", "column=list", "to=words"}, []string{"light is UNLOGGED"}},
		"key":        {[]string{"table=lists", "column=list", "to=words"}, []string{"lists.list is in the key of lists"}},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("list-to-table", params(append([]string{"table=posts"}, c.params...)...), c.says...)
		})
	}
}

// Columns named like what the queries call theirs, and a key that may wait beside
// a unique index that does not.
func TestListToTableWithColumnsNamedLikeItsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE item (id int PRIMARY KEY DEFERRABLE, item text, n int, name text, v text, u text, w text, k text, position int, p text, many int, example text);
CREATE UNIQUE INDEX ON item (id); INSERT INTO item VALUES (1, 'a,b', 1, 'n', 'v', 'u', 'w', 'k', 1, 'p', 1, 'e')`)
	r.add("list-to-table", params("table=item", "column=item", "to=words"))
	r.roundTrips()
	r.exec("UPDATE item_words SET position = 3 - position; INSERT INTO item VALUES (2, 'a,c')")
	r.down(1)
	r.exec("UPDATE item SET item = 'c,a' WHERE id = 2")
	r.rows("SELECT id, item FROM item ORDER BY id", "1|b,a", "2|c,a")
}

// The table's name sorts before that of the foreign key's own trigger, and
// another trigger changes a list that the UPDATE does not name.
func TestListToTableFollowsKeysAndOtherTriggers(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE "Posts" (id int PRIMARY KEY, title text, tags text); INSERT INTO "Posts" VALUES (1, 'a', 'a,b'), (2, 'b', 'c');
CREATE FUNCTION retag() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.title = 'x' THEN NEW.tags := 'x'; END IF; RETURN NEW; END $$;
CREATE TRIGGER retag BEFORE UPDATE ON "Posts" FOR EACH ROW EXECUTE FUNCTION retag();`)
	r.add("list-to-table", params(`table="Posts"`, "column=tags", "to=tags"))
	r.up(2)
	r.exec(`UPDATE "Posts" SET title = 'x' WHERE id = 1; UPDATE "Posts" SET id = 3, tags = 'c,d' WHERE id = 2; UPDATE "Posts" SET id = 4 WHERE id = 3`)
	r.rows(`SELECT "Post_id", name FROM "Post_tags" JOIN tags ON id = tag_id ORDER BY 1, position`, "1|x", "4|c", "4|d")
}

func TestListToTableNamesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE posts (id int PRIMARY KEY, tags varchar(9000)); INSERT INTO posts SELECT 1, string_agg(md5(g::text), '') FROM generate_series(1, 200) AS g")
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	before := r.dump()
	if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "1 values in posts.tags have more than 2600 bytes") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE posts SET tags = 'a, b'; ALTER TABLE posts ALTER tags TYPE varchar(5)")
	r.files, r.next = fstest.MapFS{}, 0
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(0)
	r.exec("UPDATE tags SET name = 'a,' WHERE name = 'a'")
	if err := r.tryDown(1); err == nil || !strings.Contains(err.Error(), "1 values of posts cannot stand in a list") {
		t.Fatalf("down: %v", err)
	}
	r.exec("UPDATE tags SET name = 'aaaa' WHERE name = 'a,'")
	if err := r.tryDown(1); err == nil || !strings.Contains(err.Error(), "1 lists are too long for posts.tags") {
		t.Fatalf("down: %v", err)
	}
	r.rows("SELECT tags FROM posts", "a, b")
	r.exec("UPDATE tags SET name = 'aaa' WHERE name = 'aaaa'")
	r.down(3)
	r.rows("SELECT tags FROM posts", "aaa,b")
}

// Who may make a table must not write with the rights of the tables' owner.
func TestFunctionsThatRunAsTheirOwnerAreNotForAll(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts+shop)
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(2)
	r.add("derived-column", premium("keep=true"))
	r.up(0)
	r.rows("SELECT count(*) FROM pg_proc AS p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE p.prosecdef AND a.grantee = 0 AND p.pronamespace = 'public'::regnamespace", "0")
}

// One who may only write the source must not have his own temporary table read
// in the place of the owner's.
func TestFunctionsThatRunAsTheirOwnerSeeNoTemporaryTables(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts+shop+`CREATE TABLE few (n int); INSERT INTO few VALUES (5);
CREATE SCHEMA AUTHORIZATION CURRENT_USER;
DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(4711);
    IF to_regrole('rung_guest') IS NULL THEN CREATE ROLE rung_guest LOGIN; END IF;
END $$;
GRANT INSERT ON orders TO rung_guest;`)
	r.add("derived-column", params("table=users", "column=many", "source=orders", "value=count(*) > (SELECT n FROM few)", "keep=true"))
	r.up(0)
	pgtest.Exec(t, pgtest.AsUser(t, r.url, "rung_guest"),
		"CREATE TEMP TABLE few AS SELECT -1 AS n; GRANT SELECT ON few TO PUBLIC; INSERT INTO orders (user_id) VALUES (150)")
	r.rows("SELECT many FROM users WHERE id = 150", "false")
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(2)
	r.rows("SELECT DISTINCT proconfig::text FROM pg_proc WHERE prosecdef AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'rung'::regnamespace) ORDER BY 1",
		`{"search_path=pg_catalog, pg_temp"}`, `{"search_path=postgres, public, pg_temp"}`)
}

func TestListToTableFollowsRowsToOtherPartitions(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE posts (id int PRIMARY KEY, tags text) PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF posts FOR VALUES FROM (0) TO (10); CREATE TABLE high PARTITION OF posts FOR VALUES FROM (10) TO (20);
INSERT INTO posts VALUES (1, 'a,b'), (2, 'a,c'), (3, 'd')`)
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(2)
	r.exec("UPDATE posts SET id = id + 10 WHERE id < 3; UPDATE posts SET id = 13, tags = 'd,a' WHERE id = 3; DELETE FROM posts WHERE id = 12")
	r.rows("SELECT post_id, name FROM post_tags AS k JOIN tags AS w ON w.id = k.tag_id ORDER BY 1, position", "11|a", "11|b", "13|d", "13|a")
}

// To take a trigger away needs more of a lock than to make it.
func TestReportsOfTheLockWhenTriggersGo(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts+shop)
	for template, c := range map[string]struct {
		p      map[string]string
		locked string
	}{
		"list-to-table":  {params("table=posts", "column=tags", "to=tags"), "posts"},
		"derived-column": {premium(), "orders"},
	} {
		files, in, err := r.expand(template, c.p)
		if err != nil {
			t.Fatal(err)
		}
		r.write(files)
		r.up(2)
		drops := strings.Join(regexp.MustCompile(`(?m)^DROP TRIGGER .*;$`).FindAllString(files[2].Up, -1), "\n")
		r.exec("BEGIN; " + drops + ` DO $$ BEGIN
    ASSERT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND relation = '` + c.locked + `'::regclass AND mode = 'AccessExclusiveLock');
END $$; ROLLBACK`)
		if said := strings.Join(in.Report, "\n"); !strings.Contains(said, "SHARE ROW EXCLUSIVE on "+c.locked+", ") || !regexp.MustCompile("ACCESS EXCLUSIVE .*when the triggers? goe?s?,").MatchString(said) {
			t.Errorf("%s: %s", template, said)
		}
		r.up(0)
	}
	_, in, err := r.expand("derived-column", params("table=users", "column=n", "source=orders", "value=count(*)", "keep=true"))
	if said := strings.Join(in.Report, "\n"); err != nil || strings.Contains(said, "when the triggers go") {
		t.Error(err, said)
	}
}
