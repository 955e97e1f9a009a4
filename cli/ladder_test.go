package cli

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner"
)

const shipped = "../sql"

// The migrations in sql/ whose head says that a template wrote them are what
// that template writes today, and each of them has a true down migration. The test
// writes the directory again, file by file, as a user would; with -update it
// does so in sql/ itself.
func TestLadder(t *testing.T) {
	t.Parallel()
	l := &ladder{T: t, url: pgtest.URL(t), dir: t.TempDir(), programs: programs(t)}
	l.dumps = []string{pgtest.Dump(t, l.url)}
	for _, p := range l.parts() {
		if p.head == "" {
			l.copyFewer(p)
		} else {
			l.run("rung new " + p.name + " " + p.head)
		}
		l.climb()
	}
	l.compare()
	l.right()
	l.comeBack()
}

// ladder is a database, and the directory that applies it as it is written.
type ladder struct {
	*testing.T
	url, dir, programs string
	// dumps are schema and data below the first rung and at each one.
	dumps []string
}

// part is what stands in sql/ by one command: one migration, or the several of
// a template.
type part struct {
	name string
	head string // the template and its parameters, for a shell; "" for what a person wrote
	base string // its first file, without .up.sql
}

func (l *ladder) parts() (all []*part) {
	d, err := runner.Load(os.DirFS(shipped), "sql")
	if err != nil {
		l.Fatal(err)
	}
	for _, m := range d.Migrations {
		if m.Up == nil {
			l.Fatalf("%s has no up file", m.Down.Path)
		}
		base := strings.TrimSuffix(filepath.Base(m.Up.Path), ".up.sql")
		line, _, _ := strings.Cut(l.read(filepath.Join(shipped, base+".up.sql")), "\n")
		head, written := strings.CutPrefix(line, byTemplate)
		switch {
		case !written:
			all = append(all, &part{base: base})
		case len(all) > 0 && all[len(all)-1].head == head:
			p := all[len(all)-1]
			p.name = common(p.name, m.Name)
		default:
			all = append(all, &part{m.Name, head, base})
		}
	}
	return all
}

// common is the name that two migrations of one template share, without the
// suffixes that the template gave them.
func common(a, b string) string {
	words, others := strings.Split(a, "_"), strings.Split(b, "_")
	n := 0
	for n < len(words) && n < len(others) && words[n] == others[n] {
		n++
	}
	return strings.Join(words[:n], "_")
}

var roundNumber = regexp.MustCompile(`\b(\d+)00(0+)\b`)

// copyFewer takes over what a person wrote, with a hundredth of its rows: a
// template does not look at them, and the down migration is as true for a thousand.
func (l *ladder) copyFewer(p *part) {
	for _, name := range []string{p.base + ".up.sql", p.base + ".down.sql"} {
		text := roundNumber.ReplaceAllString(l.read(filepath.Join(shipped, name)), "$1$2")
		write(l.T, filepath.Join(l.dir, name), text)
	}
}

// climb applies what is new, one by one.
func (l *ladder) climb() {
	ups, err := filepath.Glob(filepath.Join(l.dir, "*.up.sql"))
	if err != nil {
		l.Fatal(err)
	}
	for len(l.dumps) <= len(ups) {
		l.run("rung up --steps 1")
		l.dumps = append(l.dumps, pgtest.Dump(l, l.url))
	}
}

// compare holds what was written against sql/, or writes it there.
func (l *ladder) compare() {
	was, is := l.written(shipped), l.written(l.dir)
	names := maps.Clone(was)
	maps.Copy(names, is)
	for name := range names {
		switch {
		case was[name] == is[name]:
		case *update:
			l.replace(filepath.Join(shipped, name), is[name])
		default:
			l.Errorf("sql/%s; go test ./cli -run TestLadder -update writes sql/ anew\n%s", name, diff(was[name], is[name]))
		}
	}
}

const byTemplate = "-- Written by rung: "

// written are the files that templates wrote, by name.
func (l *ladder) written(dir string) map[string]string {
	paths, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil {
		l.Fatal(err)
	}
	files := map[string]string{}
	for _, path := range paths {
		if text := l.read(path); strings.HasPrefix(text, byTemplate) {
			files[filepath.Base(path)] = text
		}
	}
	return files
}

// replace writes a file, or removes it when there is nothing to write.
func (l *ladder) replace(path, text string) {
	err := os.Remove(path)
	if text != "" {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		l.Fatal(err)
	}
}

// right proves what the data is at the top: each query finds the rows that are
// wrong.
func (l *ladder) right() {
	for _, wrong := range []string{
		"SELECT 1 FROM users WHERE NOT is_active",
		"SELECT 1 FROM users WHERE is_premium <> ((SELECT count(*) FROM orders WHERE user_id = users.id) > 10)",
		"SELECT 1 FROM users HAVING count(*) FILTER (WHERE is_premium) NOT BETWEEN 1 AND count(*) / 2",
		"SELECT 1 FROM tasks WHERE status::text NOT IN ('pending', 'active', 'complete')",
		"SELECT 1 FROM users WHERE email_notifications IS DISTINCT FROM (settings ->> 'email_notifications')::boolean",
		"SELECT 1 FROM users WHERE dark_mode IS DISTINCT FROM (settings ->> 'dark_mode')::boolean",
		"SELECT 1 FROM users WHERE settings <> '{}' AND (settings -> 'locale' ? 'language') IS NOT TRUE OR settings -> 'locale' ? 'lang'",
		`SELECT 1 FROM posts
		  WHERE ARRAY(SELECT name FROM post_tags JOIN tags ON tags.id = tag_id WHERE post_id = posts.id ORDER BY name)
		     <> ARRAY(SELECT DISTINCT btrim(tag) AS tag FROM unnest(string_to_array(posts.tags, ',')) AS tag ORDER BY tag)`,
		"SELECT 1 FROM posts WHERE is_deleted <> (deleted_at IS NOT NULL)",
	} {
		if rows := pgtest.QueryStrings(l, l.url, wrong); len(rows) > 0 {
			l.Errorf("%d rows are wrong: %s", len(rows), wrong)
		}
	}
}

// comeBack goes all the way down, rung by rung, and up again at once.
func (l *ladder) comeBack() {
	top := len(l.dumps) - 1
	for at := top - 1; at >= 0; at-- {
		l.run("rung down")
		l.same(at)
	}
	l.run("rung up")
	l.same(top)
}

// same holds the database against what it was at a rung.
func (l *ladder) same(at int) {
	if is := pgtest.Dump(l, l.url); is != l.dumps[at] {
		l.Fatalf("at rung %d it is not as it was\n%s", at, diff(l.dumps[at], is))
	}
}

// run runs a command as a user would type it, on this database and directory.
func (l *ladder) run(command string) {
	l.Helper()
	cmd := exec.CommandContext(l.Context(), "sh", "-c", command+` --quiet --database-url "$URL" --dir "$DIR"`)
	cmd.Env = append(os.Environ(), "PATH="+l.programs+":"+os.Getenv("PATH"), "URL="+l.url, "DIR="+l.dir, "RUNG_KEEP_SANDBOX=empty")
	if out, err := cmd.CombinedOutput(); err != nil {
		l.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func (l *ladder) read(path string) string {
	l.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		l.Fatal(err)
	}
	return string(text)
}
