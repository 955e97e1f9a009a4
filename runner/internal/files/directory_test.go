package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// described is what Load made of a directory, a line for each migration.
func described(d *Directory) (lines []string) {
	for _, m := range d.Migrations {
		line := string(m.Version) + " " + m.Name
		if m.Up != nil {
			line += ", up " + m.Up.Path
		}
		if m.Down != nil {
			line += ", down " + m.Down.Path
		}
		lines = append(lines, line)
	}
	for _, w := range slices.Concat(d.Skipped, d.Warnings) {
		lines = append(lines, "warning: "+w.String())
	}
	return lines
}

func TestLoad(t *testing.T) {
	const misnamed = ": is ignored: its name is not VERSION_NAME.up.sql or VERSION_NAME.down.sql; rename it, or move it out of the directory"
	for name, c := range map[string]struct {
		files pairs
		want  []string
	}{
		"orders versions as numbers, whatever their width": {
			pairs{"10_j.up.sql": "SELECT 1;", "10_j.down.sql": "", "009_i.up.sql": "SELECT 1;", "9999_k.up.sql": "SELECT 1;", "20240131235959_z.up.sql": "SELECT 1;", "1_a.up.sql": "SELECT 1;", "009_i.down.sql": "", "9999_k.down.sql": "", "20240131235959_z.down.sql": "", "1_a.down.sql": ""},
			[]string{
				"1 a, up sql/1_a.up.sql, down sql/1_a.down.sql",
				"9 i, up sql/009_i.up.sql, down sql/009_i.down.sql",
				"10 j, up sql/10_j.up.sql, down sql/10_j.down.sql",
				"9999 k, up sql/9999_k.up.sql, down sql/9999_k.down.sql",
				"20240131235959 z, up sql/20240131235959_z.up.sql, down sql/20240131235959_z.down.sql",
			},
		},
		"pairs by version, not by name": {
			pairs{"1_create_users.up.sql": "SELECT 1;", "001_drop_users.down.sql": ""},
			[]string{
				"1 create_users, up sql/1_create_users.up.sql, down sql/001_drop_users.down.sql",
				"warning: sql/001_drop_users.down.sql: its name differs from that of sql/1_create_users.up.sql; rename one of them; they are paired by version anyway",
			},
		},
		"takes a down without an up, and an up without a down": {
			pairs{"1_a.down.sql": "", "2_b.up.sql": "SELECT 1;"},
			[]string{
				"1 a, down sql/1_a.down.sql",
				"2 b, up sql/2_b.up.sql",
				"warning: sql/1_a.down.sql: is ignored: it is a down file without an up file",
				"warning: sql/2_b.up.sql: has no down file, so it cannot be reverted; write one, or a down file with `-- rung:irreversible REASON`",
			},
		},
		"warns once of many without a down": {
			pairs{"1_a.up.sql": "SELECT 1;", "2_b.up.sql": "SELECT 1;", "3_c.up.sql": "SELECT 1;", "4_d.up.sql": "SELECT 1;", "5_e.up.sql": "SELECT 1;", "6_f.up.sql": "SELECT 1;", "7_g.up.sql": "SELECT 1;"},
			[]string{
				"1 a, up sql/1_a.up.sql", "2 b, up sql/2_b.up.sql", "3 c, up sql/3_c.up.sql", "4 d, up sql/4_d.up.sql", "5 e, up sql/5_e.up.sql", "6 f, up sql/6_f.up.sql", "7 g, up sql/7_g.up.sql",
				"warning: sql: 7 migrations have no down file, so they cannot be reverted: 1_a, 2_b, 3_c, 4_d, 5_e, 2 more; write them, or down files with `-- rung:irreversible REASON`",
			},
		},
		"warns of an up file without a statement, but not of one that says so": {
			pairs{"1_a.up.sql": "-- later\n", "1_a.down.sql": "-- nothing\n", "2_b.up.sql": "-- rung:todo\n", "2_b.down.sql": "-- rung:todo\n"},
			[]string{
				"1 a, up sql/1_a.up.sql, down sql/1_a.down.sql", "2 b, up sql/2_b.up.sql, down sql/2_b.down.sql",
				"warning: sql/1_a.up.sql: has no statement, so it would change nothing; write one, or put `-- rung:todo` into the file until then",
			},
		},
		"names sub-folders that hold migrations": {
			pairs{"1_a.up.sql": "SELECT 1;", "1_a.down.sql": "", "more/2_b.up.sql": "SELECT 1;", "more/deep/3_c.up.sql": "SELECT 1;", "notes/x.sql": "", ".git/4_d.up.sql": "", "templates/5_e.up.sql": ""},
			[]string{
				"1 a, up sql/1_a.up.sql, down sql/1_a.down.sql",
				"warning: sql/more: is ignored with its 2 migration files: sub-folders are not read; add --recursive, or name it with another --dir",
			},
		},
		"passes over misnamed files, with a warning": {
			pairs{"1_up.sql": "SELECT 1;", "2_b_up.sql": "SELECT 1;", "V3__c.sql": "", "4-d.up.sql": "SELECT 1;", "5_e.sql": "", "6_F.UP.SQL": "", "-7_g.up.sql": "SELECT 1;", "8.up.sql": "SELECT 1;"},
			[]string{
				"warning: sql/-7_g.up.sql" + misnamed,
				"warning: sql/1_up.sql" + misnamed,
				"warning: sql/2_b_up.sql" + misnamed,
				"warning: sql/4-d.up.sql" + misnamed,
				"warning: sql/5_e.sql" + misnamed,
				"warning: sql/6_F.UP.SQL" + misnamed,
				"warning: sql/8.up.sql" + misnamed,
				"warning: sql/V3__c.sql" + misnamed,
			},
		},
		"warns of what golang-migrate would run and rung does not": {
			pairs{"1_a.up.pgsql": "", "1_a.down.pgsql": "", "2_b.up.sql.bak": "", "README.md": "", "notes": "", "3_c.up.sql~": ""},
			[]string{
				"warning: sql/1_a.down.pgsql" + misnamed,
				"warning: sql/1_a.up.pgsql" + misnamed,
				"warning: sql/2_b.up.sql.bak" + misnamed,
				"warning: sql/3_c.up.sql~" + misnamed,
			},
		},
		"takes odd names": {
			pairs{"1_.up.sql": "SELECT 1;", "1_.down.sql": "", "2_a.b c-ü'\".up.sql": "SELECT 1;", "2_a.b c-ü'\".down.sql": "", "3_x.up.sql.up.sql": "SELECT 1;", "3_x.up.sql.down.sql": ""},
			[]string{
				"1 , up sql/1_.up.sql, down sql/1_.down.sql",
				"2 a.b c-ü'\", up sql/2_a.b c-ü'\".up.sql, down sql/2_a.b c-ü'\".down.sql",
				"3 x.up.sql, up sql/3_x.up.sql.up.sql, down sql/3_x.up.sql.down.sql",
			},
		},
		"finds nothing in an empty directory": {pairs{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := described(loadBad(t, c.files)); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// Whatever is wrong is said at once, in order of file and place.
func TestLoadRefuses(t *testing.T) {
	d, err := Load(pairs{
		"1_a.up.sql":    "SELECT 1;\n",
		"01_b.up.sql":   "SELECT 1;",
		"0001_c.up.sql": "SELECT 1;",
		"2_b.up.sql":    "SELECT '\x00';\nSELECT 'na\xefve';\n",
		"3_c.up.sql":    "\\i other.sql\nSELECT 1;\n\t\\connect db\n",
		"4_d.up.sql":    "-- rung:no-transactoin\nVACUUM;\n",
		"5_e.up.sql":    "SELECT 1;\nSELECT 'open;\n",
		"6_f.up.sql":    "BEGIN;\nSELECT 1;\n",
		"7_g.up.sql":    "COPY t FROM stdin;\n1\n",
		"8_h.up.sql":    "SELECT (1;\n",
		"9_i.up.sql":    "-- rung:statement-timeout 5\nSELECT 1;\nROLLBACK;\n",
		"9_i.down.sql":  "/* /* */ SELECT 1;",
	}.fs(), "sql")
	must(t, err)
	err = d.Bad()
	var bad *BadFilesError
	if !errors.As(err, &bad) {
		t.Fatalf("%T: %v", err, err)
	}
	want := strings.TrimSpace(`
sql/01_b.up.sql: version 1 is already used by sql/0001_c.up.sql; renumber one of them (leading zeros do not count)
sql/1_a.up.sql: version 1 is already used by sql/0001_c.up.sql; renumber one of them (leading zeros do not count)
sql/2_b.up.sql:1:9: a NUL byte; remove it; PostgreSQL's text cannot hold one (is the file UTF-16, or no text at all? save it as UTF-8)
sql/2_b.up.sql:2:11: byte 0xef is not valid UTF-8; save the file as UTF-8
sql/3_c.up.sql:1:1: psql meta-command \i; put the SQL of that file here, or in a migration of its own
sql/3_c.up.sql:3:2: psql meta-command \connect; remove it; the database is the one that rung is connected to
` + "sql/4_d.up.sql:1:1: unknown directive `-- rung:no-transactoin`; known are " + knownDirectives() + `
sql/5_e.up.sql:2:8: the string that starts here is never closed; close it with '
sql/6_f.up.sql:1:1: BEGIN without its COMMIT; add COMMIT, or remove BEGIN: rung adds its own
sql/7_g.up.sql:1:1: the data of COPY … FROM STDIN has no end; put a line ` + "`\\.`" + ` after its last row
sql/8_h.up.sql:1:8: the ( that opens here is never closed; close it with )
sql/9_i.down.sql:1:1: the comment that starts here is never closed; close it with */ (a /* inside of it needs its own)
` + "sql/9_i.up.sql:1:1: rung:statement-timeout \"5\" is not a duration: write it like 500ms, 2s, 10min or 1h; see `rung help directives`" + `
sql/9_i.up.sql:3:1: a ROLLBACK would undo what rung records of the file; remove it, or use a savepoint
`)
	if got := bad.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A checkout on Windows, and an editor that adds a byte order mark, make no
// other migration of it.
func TestChecksumOfLineEnds(t *testing.T) {
	plain := "CREATE TABLE t (a text);\n\nCOPY t FROM stdin;\nx\ny\n\\.\n-- end\n"
	want := load(t, pairs{"1_a.up.sql": plain}).Migrations[0].Up
	for name, text := range map[string]string{
		"BOM":          "\xef\xbb\xbf" + plain,
		"CRLF":         strings.ReplaceAll(plain, "\n", "\r\n"),
		"BOM and CRLF": "\xef\xbb\xbf" + strings.ReplaceAll(plain, "\n", "\r\n"),
	} {
		got := load(t, pairs{"1_a.up.sql": text}).Migrations[0].Up
		if got.Checksum != want.Checksum || got.Size != want.Size || got.Steps[0].Checksum != want.Steps[0].Checksum {
			t.Errorf("%s: %s %d, want %s %d", name, got.Checksum, got.Size, want.Checksum, want.Size)
		}
		if folded, err := got.Text(); err != nil || folded != plain {
			t.Errorf("%s: %q, %v", name, folded, err)
		}
	}
	for name, text := range map[string]string{
		"another character": strings.Replace(plain, "x\n", "X\n", 1),
		"a CR of its own":   strings.Replace(plain, "x\n", "x\r\r\n", 1),
		"no last newline":   strings.TrimSuffix(plain, "\n"),
	} {
		if load(t, pairs{"1_a.up.sql": text}).Migrations[0].Up.Checksum == want.Checksum {
			t.Errorf("%s: the same checksum", name)
		}
	}
}

func TestLoadFromDisk(t *testing.T) {
	t.Run("a mounted ConfigMap, which is made of links", func(t *testing.T) {
		dir := t.TempDir()
		data := filepath.Join(dir, "..2026_01_01")
		must(t, os.Mkdir(data, 0o755))
		must(t, os.WriteFile(filepath.Join(data, "1_a.up.sql"), []byte("SELECT 1;"), 0o644))
		must(t, os.Symlink("..2026_01_01", filepath.Join(dir, "..data")))
		must(t, os.Symlink("..data/1_a.up.sql", filepath.Join(dir, "1_a.up.sql")))
		d, err := Load(os.DirFS(dir), "sql")
		if err != nil || len(d.Migrations) != 1 || d.Migrations[0].Up == nil {
			t.Errorf("%+v, %v", d, err)
		}
	})
	t.Run("a directory named like a migration is none", func(t *testing.T) {
		dir := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, "1_a.up.sql"), 0o755))
		if d, err := Load(os.DirFS(dir), "sql"); err != nil || len(d.Migrations) != 0 {
			t.Errorf("%+v, %v", d, err)
		}
	})
	t.Run("no such directory", func(t *testing.T) {
		_, err := Load(os.DirFS(filepath.Join(t.TempDir(), "none")), "none")
		if got := fmt.Sprint(err); got != "none: no such directory; create it, or point --dir at the migrations" {
			t.Error(got)
		}
	})
	t.Run("a file that cannot be read", func(t *testing.T) {
		d, err := Load(unreadable{pairs{"1_a.up.sql": ""}.fs()}, "sql")
		must(t, err)
		if got := fmt.Sprint(d.Bad()); got != "sql/1_a.up.sql: cannot be read: permission denied" {
			t.Error(got)
		}
	})
}

// unreadable lists its files but opens none.
type unreadable struct{ fs.FS }

func (u unreadable) Open(name string) (fs.File, error) {
	if name == "." {
		return u.FS.Open(name)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func (u unreadable) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(u.FS, name) }
