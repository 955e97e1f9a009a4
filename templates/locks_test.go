package templates

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/proof"
	"rung/runner"
	"rung/templates/internal/locks"
)

// mustSayLocks wants of a file that its first comment says what it locks, and that no
// statement of it is one of which that is not known. Each that a test writes is looked at.
func mustSayLocks(t testing.TB, text string) {
	t.Helper()
	_, rest, _ := strings.Cut(text, "\n\n")
	if !strings.HasPrefix(rest, locks.Mark) && !strings.Contains(rest, "-- rung:irreversible ") {
		t.Errorf("the first comment does not say what this locks:\n%s", text)
	}
	for _, statement := range locks.Unknown(text) {
		t.Errorf("what does this lock?\n%s", statement)
	}
}

// What each file says that it locks is what the review sees it lock.
func TestFilesSayWhatTheyLock(t *testing.T) {
	t.Parallel()
	eachUse(t, "it", func(t *testing.T, template, setup string, p map[string]string, _ *strings.Replacer) {
		set, err := Load(nil)
		if err != nil {
			t.Fatal(err)
		}
		ways := []string{""}
		if set[template].takes("way") {
			ways = []string{"online", "direct"}
		}
		for _, way := range ways {
			p := maps.Clone(p)
			if way != "" {
				p["way"] = way
			}
			t.Run(way, func(t *testing.T) { saysLocks(t, setup, template, p) })
		}
	})
}

// lockVariants are uses that lock otherwise: each a schema, and templates one after the
// other, of which the last is looked at.
var lockVariants = map[string]struct {
	setup string
	uses  []string
}{
	"a foreign key between two tables": {
		"CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int); CREATE INDEX ON b (a)",
		[]string{"add-foreign-key|table=b|columns=a|references=a"},
	},
	"an index that is no constraint":     {partsToLock, []string{"add-index|table=c|columns=n"}},
	"an index of a partitioned table":    {partsToLock, []string{"add-index|table=p|columns=n"}},
	"a unique one of a partitioned":      {partsToLock, []string{"add-index|table=p|columns=n, day|unique=true"}},
	"a column of a partitioned table":    {partsToLock, []string{"add-column|table=p|column=m|type=int|value=n + 1|way=online"}},
	"a column of partitions at once":     {partsToLock, []string{"add-column|table=p|column=m|type=int|value=n + 1|way=direct"}},
	"NOT NULL of a partitioned table":    {partsToLock, []string{"set-not-null|table=p|column=n|way=online"}},
	"NOT NULL of partitions at once":     {partsToLock, []string{"set-not-null|table=p|column=n|way=direct"}},
	"a type of a partitioned table":      {partsToLock, []string{"change-type|table=p|column=n|type=bigint|way=online"}},
	"a type of partitions at once":       {partsToLock, []string{"change-type|table=p|column=n|type=bigint|way=direct"}},
	"a free type of partitions":          {partsToLock, []string{"change-type|table=p|column=s|type=text|way=direct"}},
	"a list of a partitioned table":      {partsToLock, []string{"list-to-table|table=p|column=s|to=words|way=online"}},
	"a list of partitions at once":       {partsToLock, []string{"list-to-table|table=p|column=s|to=words|way=direct"}},
	"a key of partitions":                {partsToLock, []string{"bigint-key|table=p|column=id"}},
	"a serial key":                       {"CREATE TABLE a (id serial PRIMARY KEY, n int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); INSERT INTO a (n) VALUES (1)", []string{"bigint-key|table=a"}},
	"an enum of a partitioned table":     {partsToLock + "; CREATE TYPE mood AS ENUM ('a', 'b'); ALTER TABLE p ADD COLUMN mood mood", []string{"enum-swap|type=mood|values=b,a"}},
	"a column with a constant":           {partsToLock, []string{"add-column|table=c|column=m|type=int|value=1|default=2"}},
	"a column that may be NULL":          {partsToLock, []string{"add-column|table=c|column=m|type=int|value=n + 1|null=true|default=2|way=online"}},
	"a backfill that keeps nothing":      {partsToLock, []string{"backfill|table=c|column=n|value=1|way=online"}},
	"a value that is derived for good":   {partsToLock, []string{"derived-column|table=c|column=m|source=d|value=count(*)|keep=true|way=online"}},
	"a value that is derived for once":   {partsToLock, []string{"derived-column|table=c|column=m|source=d|value=max(n)|way=online"}},
	"the same at once":                   {partsToLock, []string{"derived-column|table=c|column=m|source=d|value=max(n)|keep=true|way=direct"}},
	"documents that are skipped":         {partsToLock, []string{"json-split|table=c|column=doc|keys=n AS m int|skip=true|way=online"}},
	"a type that is free":                {partsToLock, []string{"change-type|table=c|column=s|type=text|way=direct"}},
	"a type with dependents":             {dependentsToLock, []string{"change-type|table=c|column=n|type=bigint|way=online"}},
	"a type with dependents at once":     {dependentsToLock, []string{"change-type|table=c|column=n|type=bigint|way=direct"}},
	"a free type with dependents":        {dependentsToLock, []string{"change-type|table=c|column=s|type=text|way=direct"}},
	"texts that become one":              {dependentsToLock, []string{"text-to-enum|table=c|column=s|type=kind|map=B=a|values=a,b,q"}},
	"flags with dependents":              {dependentsToLock, []string{"soft-delete|table=c|way=online"}},
	"a contract of flags":                {dependentsToLock, []string{"soft-delete|table=b|way=online", "contract|of=4"}},
	"a contract of documents":            {partsToLock, []string{"json-split|table=c|column=doc|keys=n AS m int|way=online", "contract|of=4"}},
	"a contract of whole documents":      {partsToLock, []string{"json-split|table=c|column=doc|keys=n AS m int|way=online", "contract|of=4|drop=column"}},
	"a contract of lists":                {partsToLock, []string{"list-to-table|table=c|column=s|to=words|way=online", "contract|of=4"}},
	"a contract of what a backfill kept": {partsToLock, []string{"backfill|table=c|column=n|value=1|where=true|keep=true|way=online", "contract|of=2"}},
	"a merge of enum values that is kept": {
		"CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE c (id int PRIMARY KEY, mood mood); INSERT INTO c VALUES (1, 'a'), (2, 'b')",
		[]string{"enum-swap|type=mood|map=b=a"},
	},
	"an enum that a foreign key has": {
		"CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE a (mood mood PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, mood mood REFERENCES a)",
		[]string{"enum-swap|type=mood|values=b,a"},
	},
	"an enum of no table": {"CREATE TYPE mood AS ENUM ('a', 'b')", []string{"enum-swap|type=mood|values=b,a"}},
	"an enum of two tables with a view over both": {`CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE a (id int PRIMARY KEY, mood mood NOT NULL DEFAULT 'a' UNIQUE); CREATE TABLE c (id int PRIMARY KEY, mood mood);
CREATE VIEW v AS SELECT a.mood, c.mood AS other FROM a JOIN c USING (id); ALTER TABLE c ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON c USING (mood = 'a')`, []string{"enum-online|type=mood|values=b,a"}},
}

const partsToLock = `CREATE TABLE p (id int, day int, n int NOT NULL DEFAULT 1, s varchar(20), PRIMARY KEY (id, day)) PARTITION BY RANGE (day); ALTER TABLE p ALTER COLUMN n DROP NOT NULL;
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5) TO (9); INSERT INTO p SELECT g, g % 8 + 1, g, 'a,b' FROM generate_series(1, 20) AS g;
CREATE TABLE c (id int PRIMARY KEY, n int, s varchar(20), doc jsonb); INSERT INTO c SELECT g, g, 'a,b', '{"n": 1}' FROM generate_series(1, 20) AS g;
CREATE TABLE d (id int PRIMARY KEY, c int REFERENCES c, n int); CREATE INDEX ON d (c); INSERT INTO d SELECT g, g, g FROM generate_series(1, 20) AS g`

const dependentsToLock = `CREATE TABLE b (id int PRIMARY KEY, deleted_at timestamptz); CREATE TABLE c (id int PRIMARY KEY, n int NOT NULL UNIQUE CHECK (n > 0), s varchar(20) CHECK (s <> ''), deleted_at timestamptz);
INSERT INTO c SELECT g, g, (ARRAY['a', 'B', 'b'])[g % 3 + 1] FROM generate_series(1, 20) AS g; CREATE UNIQUE INDEX ON c (id) WHERE deleted_at IS NULL; CREATE INDEX ON c (s);
CREATE VIEW v AS SELECT n, s FROM c; CREATE VIEW w AS SELECT n FROM v; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER t BEFORE UPDATE OF n, s ON c FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE c ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON c USING (n > 0 AND s <> 'q'); CREATE STATISTICS st ON n, id FROM c`

func TestFilesOfRareUsesSayWhatTheyLock(t *testing.T) {
	t.Parallel()
	for name, c := range lockVariants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var uses []any
			for _, use := range c.uses {
				all := strings.Split(use, "|")
				uses = append(uses, all[0], params(all[1:]...))
			}
			saysLocks(t, c.setup, uses...)
		})
	}
}

// saysLocks writes a template's files over a schema, and compares.
func saysLocks(t *testing.T, setup string, uses ...any) {
	t.Helper()
	r := newRig(t, "")
	r.next = 1
	r.files["000001_setup.up.sql"] = &fstest.MapFile{Data: []byte(setup + ";")}
	from := 2
	for i := 0; i < len(uses); i += 2 {
		r.up(0)
		from = r.next + 1
		r.add(uses[i].(string), uses[i+1].(map[string]string))
	}
	seen, roots := r.observed(from), r.roots()
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		if name < fmt.Sprintf("%06d", from) {
			continue
		}
		text := string(r.files[name].Data)
		problems := problemsOf(text, name, seen, roots)
		if len(roots) > 0 && pgtest.Major(t, r.url) < 15 {
			// Of a partitioned table 14 lets reads through while what refers to it is dropped.
			problems = slices.DeleteFunc(problems, func(p string) bool { return strings.Contains(p, "no reads of") })
		}
		if len(problems) > 0 {
			t.Errorf("%s\n%s", strings.Join(problems, "\n"), text)
		}
	}
}

// roots are the partitioned tables by their partitions: who locks one locks the others.
func (r *rig) roots() map[string]string {
	r.Helper()
	all := map[string]string{}
	for _, one := range pgtest.QueryStrings(r, r.url, "SELECT inhrelid::regclass, pg_partition_root(inhrelid) FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind IN ('r', 'p')") {
		part, root, _ := strings.Cut(one, "|")
		all[part] = root
	}
	return all
}

// observed is what the statements of each file from a version on do. A file that cannot be
// reverted hides those below it from the review, so that they are looked at by themselves.
func (r *rig) observed(from int) (all []*proof.Observed) {
	r.Helper()
	for last := r.next; last >= from; last-- {
		files := fstest.MapFS{}
		final := false
		for name, file := range r.files {
			if name < fmt.Sprintf("%06d", last+1) {
				files[name] = file
				final = final || strings.HasPrefix(name, fmt.Sprintf("%06d", last)) && strings.Contains(string(file.Data), "-- rung:irreversible")
			}
		}
		d, err := runner.Load(files, "sql")
		if err == nil {
			err = d.Bad()
		}
		if err != nil {
			r.Fatalf("%v\n%s", err, r.text())
		}
		conn, err := pq.NewConfig(pgtest.URL(r))
		if err != nil {
			r.Fatal(err)
		}
		first := runner.Version(fmt.Sprint(from))
		seen, err := proof.Review(r.Context(), proof.ReviewConfig{Dir: d, From: &first, Scratch: proof.ScratchConfig{Conn: &conn}})
		if err != nil {
			r.Fatalf("%v\n%s", err, r.text())
		}
		for _, s := range seen.Statements {
			if !slices.ContainsFunc(all, func(o *proof.Observed) bool { return o.File == s.File && o.Line == s.Line }) {
				all = append(all, s)
			}
		}
		if !final {
			break
		}
	}
	return all
}
