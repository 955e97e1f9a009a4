package script

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What psql sends to the server, statement by statement, is what Split must
// find: psql is the reader that everybody tests a migration with.

// Where rung means to differ from psql, the file is left out here:
var unlikePsql = map[string]string{
	"02_strings":         "psql does not see that E'…' goes on in the next line (lexer.continues)",
	"06_atomic":          "psql counts `AS end` and `t.end` as the END of a body (body)",
	"20_unclosed_atomic": "the same",
	"08_copy_wrong":      "refused by rung",
	"10_meta":            "refused by rung",
	"26_encoding":        "refused by rung",
	"28_utf16":           "refused by rung",
	"34_conflict":        "refused by rung",
}

func TestPsqlAgreesOnCorpus(t *testing.T) {
	var files []string
	for _, path := range corpus(t) {
		if unlikePsql[strings.TrimSuffix(filepath.Base(path), ".sql")] == "" {
			files = append(files, mustRead(t, path))
		}
	}
	compareWithPsql(t, files)
}

func TestPsqlAgreesOnRandomFiles(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			files := make([]string, 300)
			for i := range files {
				files[i] = randomFile(rnd)
				for copyLingers(t, files[i]) {
					files[i] = randomFile(rnd)
				}
			}
			compareWithPsql(t, files)
		})
	}
}

// nasty are the fragments of which the random files are made. Those that open
// a quote close it, or one slip would hide the rest of the file.
var nasty = []string{
	";", ";", ";", ";\n", ";\n", "\n", "\n", " ", "\t", "\f", "\r\n", "\r", "\n\n",
	"SELECT", "1", "a", "_b", "é", "🐘", "e", "E", "u", "U", "n", "x", "B", "end", "BEGIN", "CASE", "begin atomic", "CREATE", "function",
	"'a;b'", "''", "'it''s'", "'\\'", "'a\nb;'", "E'a\\';'", "e'\\\\'", "E'\\x27;\\''", "U&'\\0061;'", "u&'\\'", "u&\"\\\"", "1e-E'\\';'", "b'01'", "X'1f;'", "N'n;'", "'🐘;'",
	"\"a;b\"", "\"a\"\"b;\"", "U&\"a;\"", "\"a\n;b\"",
	"$$;$$", "$$ ' $$", "$a$ ; $b$ $$ $a$", "$é$;$é$", "$_1$ $_ $_1 ; $_1$", "a$b", "$1", "$2$;", "$", "$a", "$a$b$a$",
	"$$\n-- ; '\n$$",
	"-- ; comment '\n", "--\n", "-- \"$$\n", "--x\r;", "/* ; */", "/* /* ' */ ; */", "/**/", "/*/ ; */", "/* * / ; */", "/***/", "/* \n; */",
	"+", "-", "*", "/", "<", ">", "=", "+-", "@-", "/-", "*/", "-/", "~", "!", "#", "%", "^", "&", "|", "`", "?", "@",
	"(", ")", "(;)", "((1);(2))", "[", "]", "{", "}", ",", ".", "..", "::", ":=", ": ", "1..2", "1.5e3", "1e", ".5", "0x1f",
	"\nCOPY t FROM STDIN;\n1\t'a\n\\.\n", "; copy t (a) from stdin; -- c\n;\n $$ \n\\.x\n\\.\n", "; COPY \"x;\" FROM STDOUT;\n\\.\n", ";\nCOPY t FROM STDIN;/* */\r\n1\r\n\\.\r\n",
	";CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN (1;2) THEN 3 END; END;",
	";create or replace procedure f(begin x) begin atomic; end;",
}

// randomFile strings fragments together until Split finds nothing wrong: what
// rung refuses, psql may take as it likes.
func randomFile(rnd *rand.Rand) string {
	for {
		var b strings.Builder
		for range 1 + rnd.IntN(25) {
			b.WriteString(nasty[rnd.IntN(len(nasty))])
			if rnd.IntN(3) == 0 {
				b.WriteByte(' ')
			}
		}
		f, err := Split(strings.NewReader(b.String()))
		if err == nil && len(f.Problems) == 0 && !strayBegin(f) {
			return b.String()
		}
	}
}

// strayBegin finds the statements in which psql's guess at BEGIN … END goes
// wrong: see body.
func strayBegin(f *File) bool {
	for _, st := range f.Statements {
		text := strings.ToUpper(st.Text)
		if strings.Contains(text, "FUNCTION") || strings.Contains(text, "PROCEDURE") {
			body := strings.Count(text, "BEGIN ATOMIC")
			if strings.Count(text, "BEGIN") != body+strings.Count(text, "BEGIN X") || strings.Count(text, "END") != body+strings.Count(text, "CASE") {
				return true
			}
		}
	}
	return false
}

// copyLingers finds the files in which psql looks for data that is not there.
// Since CVE-2026-6464 (15.19 and its like) it skips, to the next `\.`, the data
// of a COPY that the server has not taken for one. It knows a COPY by the first
// identifier, whatever stands before it; and what that was it forgets at the
// next identifier only, so that a `;` after a COPY is a COPY again.
func copyLingers(t *testing.T, file string) bool {
	f := mustSplit(t, file)
	copied := false
	for _, st := range f.Statements {
		if copied && (hasEmpty(st.Text[:st.Lead]) || !slices.ContainsFunc(st.Words, isIdentifier)) {
			return true
		}
		if copied = st.Data != nil; !copied && slices.Contains(st.Words, "COPY") {
			return true
		}
	}
	return copied && hasEmpty(f.Tail)
}

// hasEmpty reports whether an empty statement stands in a gap.
func hasEmpty(between string) bool { return skip(between, blanks) < len(between) }

// isIdentifier is false of a quoted one, which psql does not look at.
func isIdentifier(word string) bool {
	return class[word[0]]&identStart != 0 && !strings.HasSuffix(word, `"`)
}

// marker is a statement between two files.
const marker = "SELECT 'the next file'"

// compareWithPsql runs all files in one psql.
func compareWithPsql(t *testing.T, files []string) {
	t.Helper()
	got := sentByPsql(t, files)
	for i, file := range files {
		want := wanted(t, file)
		if len(got[i]) != len(want) {
			t.Errorf("file %q: psql sent %d statements, Split found %d:\n%q\n%q", file, len(got[i]), len(want), got[i], want)
			continue
		}
		for j, w := range want {
			if g := got[i][j]; !same(g, w) {
				t.Errorf("file %q, statement %d\npsql  %q\nSplit %q", file, j, g, w)
			}
		}
	}
}

var emptyLines = regexp.MustCompile(`\n\n+`)

// same passes over two habits of psql: it drops empty lines that are not
// quoted, and sends a last statement without a semicolon with the tail.
func same(psql, split received) bool {
	p := emptyLines.ReplaceAllString(psql.sql, "\n")
	s := emptyLines.ReplaceAllString(split.sql, "\n")
	tail, ok := strings.CutPrefix(p, s)
	return ok && gap(tail) == len(tail) && psql.data == split.data
}

// wanted is what Split makes of a file.
func wanted(t *testing.T, file string) (list []received) {
	t.Helper()
	f := mustSplit(t, file)
	data := OpenData(strings.NewReader(file))
	for _, st := range f.Statements {
		r := received{sql: st.Text[st.Lead:]}
		if !st.Terminated { // psql's lines come without their last newline
			r.sql = strings.TrimSuffix(r.sql, "\n")
		}
		if st.Data != nil {
			r.sql = r.sql[:strings.LastIndexByte(r.sql, ';')+1]
			block, err := io.ReadAll(data.Block(st.Data))
			if err != nil {
				t.Fatal(err)
			}
			r.data = string(block)
		}
		list = append(list, r)
	}
	return list
}

// sentByPsql is what psql makes of each file, without what it sends of the
// gaps: it keeps block comments, and sends empty statements.
func sentByPsql(t *testing.T, files []string) [][]received {
	t.Helper()
	var list [][]received
	var cur []received
	for _, r := range runPsql(t, files) {
		if r.sql == marker {
			list = append(list, cur)
			cur = nil
			continue
		}
		r.sql = strings.ReplaceAll(r.sql, "\r\n", "\n")
		r.data = strings.ReplaceAll(r.data, "\r\n", "\n")
		r.data = strings.TrimSuffix(strings.TrimSuffix(r.data, "\n"), "\\.") // psql sends this line, too
		r.sql = r.sql[gap(r.sql):]
		if r.sql != "" {
			cur = append(cur, r)
		}
	}
	if len(list) != len(files) {
		t.Fatalf("psql ran %d of %d files", len(list), len(files))
	}
	return list
}

func runPsql(t *testing.T, files []string) []received {
	t.Helper()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Fatal("psql is the oracle of this test: install postgresql-client")
	}
	b := startBackend(t)
	args := []string{"-X", "-q", "-h", b.dir, "-p", "5432", "-U", "x", "x"}
	dir := t.TempDir()
	for i, file := range files {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-f", path, "-c", marker)
	}
	cmd := exec.Command(psql, args...)
	// Nothing of the developer's own PG… variables.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PGSSLMODE=disable", "PGGSSENCMODE=disable", "PGCLIENTENCODING=UTF8"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return <-b.sent
}

const blanks = " \t\n\r\f\v"

// gap is the length of the blanks, comments and semicolons at the start.
func gap(sql string) int { return skip(sql, blanks+";") }

// skip is the length of the given characters and the comments at the start.
func skip(sql, chars string) int {
	rest := sql
	for {
		rest = strings.TrimLeft(rest, chars)
		switch {
		case strings.HasPrefix(rest, "--"):
			rest = rest[strings.IndexAny(rest+"\n", "\r\n"):]
		case strings.HasPrefix(rest, "/*"):
			rest = rest[comment(rest):]
		default:
			return len(sql) - len(rest)
		}
	}
}

// comment is the length of the block comment at the start.
func comment(sql string) int {
	depth := 0
	for i := 0; i+1 < len(sql); i++ {
		switch sql[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(sql)
}
