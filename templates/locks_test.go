package templates

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
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
	"a foreign key between two tables": {"CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int); CREATE INDEX ON b (a)",
		[]string{"add-foreign-key|table=b|columns=a|references=a"}},
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
	"a merge of enum values that is kept": {"CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE c (id int PRIMARY KEY, mood mood); INSERT INTO c VALUES (1, 'a'), (2, 'b')",
		[]string{"enum-swap|type=mood|map=b=a"}},
	"an enum that a foreign key has": {"CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE a (mood mood PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, mood mood REFERENCES a)",
		[]string{"enum-swap|type=mood|values=b,a"}},
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
	seen := r.observed(from)
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		if name < fmt.Sprintf("%06d", from) {
			continue
		}
		text := string(r.files[name].Data)
		for _, statement := range locks.Unknown(text) {
			t.Errorf("%s: what does this lock? %s", name, statement)
		}
		if problems := compare(text, name, seen, r.roots()); len(problems) > 0 {
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

var (
	waitClause  = regexp.MustCompile(`^(reads and writes of|writes to|an INSERT that takes a number from) (.+?) waits? (for a moment|until .*)$`)
	rowClause   = regexp.MustCompile(`^writes to (the changed )?rows of (.+) wait (while their batch runs|until .*)$`)
	otherClause = regexp.MustCompile(`^only other DDL on (.+) waits( while the rows are checked| while indexes are built| while an index is built| while the rows are checked and (?:indexes are|an index is) built| for a moment)$|^(.+) (is|are) rewritten$|^(the type alone, no table|nothing that anybody waits for)$`)
)

// said is what a comment says of a relation, "until" where its lock lasts.
type said struct{ waits, until, moment bool }

// claimed reads a comment.
func claimed(comment string) (reads, writes map[string]*said, batches, checked, built, rewritten []string, bad string) {
	reads, writes = map[string]*said{}, map[string]*said{}
	for _, clause := range strings.Split(strings.TrimSuffix(comment, "."), "; ") {
		clause, _, _ = strings.Cut(clause, ": ")
		if m := rowClause.FindStringSubmatch(clause); m != nil {
			if m[1] == "" {
				batches = append(batches, listedNames(m[2])...)
			}
		} else if m := waitClause.FindStringSubmatch(clause); m != nil {
			to := writes
			if m[1] == "reads and writes of" {
				to = reads
			}
			for _, of := range listedNames(m[2]) {
				if to[of] == nil {
					to[of] = &said{waits: true}
				}
				if m[3] == "for a moment" {
					to[of].moment = true
				} else {
					to[of].until = true
				}
			}
		} else if m := otherClause.FindStringSubmatch(clause); m == nil {
			bad = clause
		} else {
			if m[3] != "" {
				rewritten = append(rewritten, listedNames(m[3])...)
			}
			if strings.Contains(m[2], "checked") {
				checked = append(checked, listedNames(m[1])...)
			}
			if strings.Contains(m[2], "built") {
				built = append(built, listedNames(m[1])...)
			}
		}
	}
	return
}

// mergedClaims are those of either kind.
func mergedClaims(reads, writes map[string]*said) map[string]*said {
	all := maps.Clone(writes)
	maps.Copy(all, reads)
	return all
}

func listedNames(list string) (all []string) {
	for _, of := range strings.Split(strings.ReplaceAll(list, " and ", ", "), ", ") {
		all = append(all, plain(of))
	}
	return all
}

// heldBy is the lock that a statement has on a relation.
func heldBy(s *proof.Observed, relation string) proof.LockMode {
	for _, l := range s.Locks {
		if l.Relation == relation {
			return l.Mode
		}
	}
	return ""
}

// plain is the relation without its schema, where that is the usual one.
func plain(of string) string { return strings.TrimPrefix(of, "public.") }

// compare holds the first comment of a file to what its statements did.
func compare(text, name string, all []*proof.Observed, roots map[string]string) (problems []string) {
	wrong := func(format string, args ...any) {
		problems = append(problems, name+": "+fmt.Sprintf(format, args...))
	}
	var of []*proof.Observed
	for _, s := range all {
		if s.File == "sql/"+name {
			of = append(of, s)
		}
	}
	_, rest, _ := strings.Cut(text, "\n\n")
	comment, _, _ := strings.Cut(rest, "\n\n")
	if !strings.HasPrefix(comment, locks.Mark) {
		if len(of) > 0 {
			wrong("its first comment does not say what it locks")
		}
		return problems
	}
	comment = strings.TrimPrefix(strings.ReplaceAll(comment, "\n-- ", " "), locks.Mark)
	reads, writes, batches, checked, built, rewritten, bad := claimed(comment)
	if bad != "" {
		wrong("these are no words of it: %s", bad)
	}
	if len(of) == 0 {
		wrong("its statements were not observed")
	}
	attaches := strings.Contains(text, "ATTACH PARTITION")
	type held struct{ known, reads, writes, long bool }
	saw, lasts, anew := map[string]*held{}, false, []string{}
	for _, s := range of {
		if s.Failed != "" || s.NotObserved != "" && !strings.Contains(s.SQL, " CONCURRENTLY ") {
			wrong("line %d: %s%s", s.Line, s.Failed, s.NotObserved)
		}
		long := len(s.Scans)+len(s.Rewrites) > 0 || slices.ContainsFunc(s.Builds, func(b proof.Build) bool {
			return !slices.ContainsFunc(s.Locks, func(l proof.Lock) bool { return l.New && l.Relation == b.Table })
		})
		lasts = lasts || long
		for _, l := range s.Locks {
			of := plain(l.Relation)
			if saw[of] == nil {
				saw[of] = &held{}
			}
			h := saw[of]
			h.known = h.known || !l.New
			h.reads, h.writes = h.reads || l.Blocks == "reads and writes", h.writes || l.Blocks == "writes"
			h.long = h.long || long && l.Blocks != ""
			if s.How == "batch" && l.Mode == "ROW EXCLUSIVE" && !l.New && !slices.Contains(batches, cmp.Or(roots[of], of)) {
				wrong("line %d: a batch writes %s", s.Line, of)
			}
		}
		for _, one := range s.Scans {
			if of := plain(one); strings.Contains(s.SQL, "VALIDATE") && heldBy(s, one) == "SHARE UPDATE EXCLUSIVE" && !slices.Contains(checked, of) && !slices.Contains(checked, roots[of]) {
				wrong("line %d: checks %s", s.Line, one)
			}
		}
		for _, one := range s.Builds {
			if strings.Contains(s.SQL, " CONCURRENTLY ") && !slices.Contains(built, plain(one.Table)) {
				wrong("line %d: builds an index of %s", s.Line, one.Table)
			}
		}
		for _, one := range s.Rewrites {
			anew = append(anew, cmp.Or(roots[plain(one)], plain(one)))
		}
	}
	for _, of := range rewritten {
		if !slices.Contains(anew, of) {
			wrong("%s is not rewritten", of)
		}
	}
	more := slices.ContainsFunc(slices.Collect(maps.Keys(mergedClaims(reads, writes))), func(of string) bool { return strings.HasSuffix(of, " more") })
	// A claim of a partitioned table is one of its partitions.
	find := func(claims map[string]*said, of string) *said {
		if claims[of] != nil {
			return claims[of]
		}
		return claims[roots[of]]
	}
	for of, h := range saw {
		r, w := find(reads, of), find(writes, of)
		switch {
		case !h.known || more: // the files make it
		case h.reads && r == nil:
			wrong("reads and writes of %s wait", of)
		case !h.reads && h.writes && w == nil:
			wrong("writes to %s wait", of)
		case h.long && (r == nil || !r.until) && (w == nil || !w.until):
			wrong("a lock on %s lasts", of)
		}
	}
	works := strings.Contains(text, "\nUPDATE ") || strings.Contains(text, "\nDELETE ") || strings.Contains(text, "\nINSERT ")
	for of, c := range mergedClaims(reads, writes) {
		if c.until && !lasts && !works {
			wrong("no lock on %s lasts", of)
		}
	}
	for of := range reads {
		if (saw[of] == nil || !saw[of].reads) && !attaches && !more {
			wrong("no reads of %s wait", of)
		}
	}
	for of := range writes {
		if saw[of] == nil || !saw[of].writes {
			wrong("no writes to %s wait", of)
		}
	}
	return problems
}
