package templates

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var update = flag.Bool("update", false, "rewrite the golden files")

// rig is a database and the directory that is being written for it.
type rig struct {
	*testing.T
	url   string
	own   fs.FS
	files fstest.MapFS
	next  int
	hear  func(runner.Event)
	batch string // how many rows a batch has
	// snapshots looks over the connection of its own that it keeps.
	snapshots func() string
	// chooses is true where templates choose their way themselves.
	chooses bool
	ask     func(question string) (bool, error)
	history string // the schema, where it is not rung's usual one
}

func newRig(t *testing.T, setup string) *rig {
	t.Helper()
	r := &rig{T: t, url: pgtest.URL(t), files: fstest.MapFS{}}
	if setup != "" {
		if pgtest.Major(t, r.url) < 15 { // which has no publications of some rows
			setup = strings.ReplaceAll(setup, " WHERE (name <> 'hidden')", "")
		}
		pgtest.Exec(t, r.url, setup)
	}
	return r
}

// params reads "table=users", "column=x".
func params(all ...string) map[string]string {
	m := map[string]string{}
	for _, one := range all {
		name, value, ok := strings.Cut(one, "=")
		if !ok {
			panic(one)
		}
		m[name] = value
	}
	return m
}

// expand has a template look at the database and returns what it writes.
func (r *rig) expand(template string, p map[string]string) ([]File, *Input, error) {
	r.Helper()
	set, err := Load(r.own)
	if err != nil {
		r.Fatal(err)
	}
	return r.expandOf(set, template, p)
}

// expandOf is expand with a catalogue of the test's.
func (r *rig) expandOf(set Set, template string, p map[string]string) ([]File, *Input, error) {
	r.Helper()
	db, err := sql.Open("postgres", r.url)
	if err != nil {
		r.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	defer conn.Close()
	// The tables here are small, and most tests are of the online way.
	if template != "enum" && set[template].takes("way") && p["way"] == "" && !r.chooses {
		p = maps.Clone(p)
		p["way"] = "online"
	}
	in := &Input{Name: "it", Params: p, Ask: r.ask, DB: &Catalog{Conn: conn}, Written: r.written()}
	files, err := set.Expand(r.Context(), template, in)
	if err == nil && set[template].ours() {
		for _, f := range files {
			mustSayLocks(r, f.Up)
			mustSayLocks(r, f.Down)
		}
	}
	return files, in, err
}

// written are the up files of the directory.
func (r *rig) written() (all []Written) {
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		if version, _, _ := strings.Cut(name, "_"); strings.HasSuffix(name, ".up.sql") {
			all = append(all, Written{Version: strings.TrimLeft(version, "0"), Text: string(r.files[name].Data)})
		}
	}
	return all
}

// add writes a template's files into the directory.
func (r *rig) add(template string, p map[string]string) []File {
	r.Helper()
	files, _, err := r.expand(template, p)
	if err != nil {
		r.Fatalf("%s: %v", template, err)
	}
	r.write(files)
	return files
}

// write puts pairs into the directory.
func (r *rig) write(files []File) {
	var versions []string
	for _, f := range files {
		r.next++
		base := fmt.Sprintf("%06d_it_%s", r.next, f.Suffix)
		r.files[base+".up.sql"] = &fstest.MapFile{Data: []byte(f.UpText(versions))}
		versions = append(versions, fmt.Sprintf("%06d", r.next))
		r.files[base+".down.sql"] = &fstest.MapFile{Data: []byte(f.Down)}
	}
}

// only keeps the first pairs of the directory.
func (r *rig) only(pairs int) {
	for name := range r.files {
		if name >= fmt.Sprintf("%06d", pairs+1) {
			delete(r.files, name)
		}
	}
	r.next = pairs
}

// refused expects a Mistake that says all of this.
func (r *rig) refused(template string, p map[string]string, says ...string) {
	r.Helper()
	_, _, err := r.expand(template, p)
	mistaken(r.T, err, says...)
}

func mistaken(t testing.TB, err error, says ...string) {
	t.Helper()
	var m *Mistake
	if !errors.As(err, &m) {
		t.Fatalf("no Mistake: %v", err)
	}
	for _, want := range says {
		if text := m.What + "\n" + m.Hint; !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
}

func (r *rig) runner() *runner.Runner {
	r.Helper()
	conn, err := pq.NewConfig(r.url)
	if err != nil {
		r.Fatal(err)
	}
	d, err := runner.Load(r.files, "sql")
	if err == nil {
		err = d.Bad()
	}
	if err != nil {
		r.Fatalf("%v\n%s", err, r.text())
	}
	batch := &runner.BatchOverride{}
	if r.batch != "" {
		if err := batch.Set("rows", r.batch); err != nil {
			r.Fatal(err)
		}
	}
	run, err := runner.New(runner.Config{Conn: conn, Dir: d, Version: "test", LockWait: 30 * time.Second, Events: r.hear, Batch: batch, HistorySchema: r.history})
	if err != nil {
		r.Fatal(err)
	}
	return run
}

func (r *rig) text() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		fmt.Fprintf(&b, "---- %s\n%s", name, r.files[name].Data)
	}
	return b.String()
}

// up applies so many migrations, all for 0.
func (r *rig) up(steps int) {
	r.Helper()
	if err := r.tryUp(steps); err != nil {
		r.Fatalf("up: %v\n%s", err, r.text())
	}
}

func (r *rig) tryUp(steps int) error {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Minute)
	defer cancel()
	_, err := r.runner().Up(ctx, runner.UpRequest{Request: runner.Request{Steps: steps}})
	return err
}

func (r *rig) down(steps int) {
	r.Helper()
	if err := r.tryDown(steps); err != nil {
		r.Fatalf("down: %v\n%s", err, r.text())
	}
}

func (r *rig) tryDown(steps int) error {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	_, err := r.runner().Down(ctx, runner.Request{Steps: steps})
	return err
}

// eachRung applies so many files, each up, down and up again.
func (r *rig) eachRung(n int) {
	r.Helper()
	for range n {
		was := r.snapshot()
		r.up(1)
		is := r.snapshot()
		r.down(1)
		r.stillHas("down", was)
		r.up(1)
		r.stillHas("up again", is)
	}
}

// roundTrips applies file by file, each up, down and up again, and then goes all
// the way down and up: schema and data must be what they were at every rung, by
// what the catalog says, and at both ends by what pg_dump says too.
func (r *rig) roundTrips() {
	r.Helper()
	bottom, at := r.dump(), []string{r.snapshot()}
	for i := range r.next {
		r.up(1)
		at = append(at, r.snapshot())
		r.down(1)
		r.stillHas(fmt.Sprintf("down from file %d", i+1), at[i])
		r.up(1)
		r.stillHas(fmt.Sprintf("up to file %d again", i+1), at[i+1])
	}
	top := r.dump()
	r.down(r.next)
	r.same("all the way down", bottom)
	r.up(0)
	r.same("all the way up again", top)
}

// goesAndReturns is roundTrips in fewer steps.
func (r *rig) goesAndReturns() {
	r.Helper()
	r.goesAndReturnsBy(r.dump)
}

// goesAndReturnsBy is goesAndReturns by what dump or snapshot says.
func (r *rig) goesAndReturnsBy(state func() string) {
	r.Helper()
	before := state()
	r.up(0)
	r.down(r.next)
	r.mustBe("down", before, state())
	r.up(0)
}

func (r *rig) dump() string {
	r.Helper()
	return notNullName.ReplaceAllString(pgtest.Dump(r, r.plainURL()), "constraint on $1")
}

// snapshot is what the catalog says, and the rows: a tenth of the time of a dump.
func (r *rig) snapshot() string {
	r.Helper()
	if r.snapshots == nil {
		r.snapshots = pgtest.Snapshots(r, r.plainURL())
	}
	return notNullName.ReplaceAllString(r.snapshots(), "constraint on $1")
}

// plainURL is without a search_path: pg_dump takes none.
func (r *rig) plainURL() string {
	r.Helper()
	u, err := url.Parse(r.url)
	if err != nil {
		r.Fatal(err)
	}
	q := u.Query()
	q.Del("search_path")
	u.RawQuery = q.Encode()
	return u.String()
}

// From 18 on NOT NULL has a name, after the column's at that time, which
// change-type leaves as it is: the column is another one in the meantime.
var notNullName = regexp.MustCompile(`(?m)^constraint .* on (.* NOT NULL .* validated [tf])$`)

func (r *rig) same(when, want string) {
	r.Helper()
	r.mustBe(when, want, r.dump())
}

// stillHas expects the snapshot that was taken before.
func (r *rig) stillHas(when, want string) {
	r.Helper()
	r.mustBe(when, want, r.snapshot())
}

func (r *rig) mustBe(when, want, got string) {
	r.Helper()
	if got != want {
		r.Fatalf("%s:\n%s\n%s", when, lineDiff(want, got), r.text())
	}
}

// lineDiff are the lines that only one of two texts has.
func lineDiff(want, got string) string {
	var b strings.Builder
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, line := range w {
		if !slices.Contains(g, line) {
			fmt.Fprintln(&b, "-"+line)
		}
	}
	for _, line := range g {
		if !slices.Contains(w, line) {
			fmt.Fprintln(&b, "+"+line)
		}
	}
	return b.String()
}

// rows expects the result of a query, as psql -At prints it.
func (r *rig) rows(query string, want ...string) {
	r.Helper()
	if got := pgtest.QueryStrings(r, r.url, query); !slices.Equal(got, want) {
		r.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}

func (r *rig) exec(statements string) {
	r.Helper()
	pgtest.Exec(r, r.url, statements)
}

// option is the address with a setting of the session.
func option(t testing.TB, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}
