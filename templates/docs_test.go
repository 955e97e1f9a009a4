package templates

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const docsFile = "../docs/templates.md"

// docs/templates.md is what the heads say.
func TestDocs(t *testing.T) {
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := docs(set)
	if readFile(t, docsFile) == want {
		return
	}
	if !*update {
		t.Fatalf("%s differs from the heads in templates/sql: go test ./templates -run TestDocs -update writes it anew", docsFile)
	}
	if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

const docsIntro = `# Templates

<!-- Written from the heads of templates/sql/*.sql by go test ./templates -run TestDocs -update -->

` + "`rung new NAME --template TEMPLATE --set PARAMETER=VALUE`" + ` writes plain numbered files for people to review and commit; they are ordinary migrations from then on.

- A template looks at the schema first, so that the SQL fits the real tables: on a throwaway server that the directory itself has brought to its head, or with ` + "`--database-url`" + ` on that database. The throwaway server does not have production's rows: the sizes in a report, and the choice of a strategy by size, are right only with ` + "`--database-url`" + `. ` + "`--offline`" + ` works from the parameters alone, where a template can.
- stderr says what it found, what will be locked and for how long. ` + "`--print`" + ` writes to stdout instead of files; ` + "`--params FILE`" + ` (` + "`-`" + ` for stdin) reads parameters from a JSON object, where a list is an array and a map an object: ` + "`{\"type\": \"mood\", \"values\": [\"sad\", \"top, now\"], \"map\": {\"bad\": \"sad\"}}`" + `; null leaves a parameter out. Several ` + "`--set`" + ` of one list or map add up; a single value is refused when it is given twice.
- On a terminal, without ` + "`--set`" + ` and ` + "`--params`" + `, it asks for the parameters one by one, with the schema's own tables, columns and values to choose from, by number or name; TAB completes. It prints the command that does the same. ` + "`rung new`" + ` alone asks for the template and the name too.
- A template that changes data works in one of two ways. ` + "`way=direct`" + ` is one pair, one transaction, and one lock for as long as it takes; it refuses a table that is too big for that. ` + "`way=online`" + ` is several pairs, with triggers and batches, and holds no lock for long. With ` + "`--database-url`" + ` the way is chosen by the table's size and use, so that programs wait for 200 ms at most; without it, it is online unless ` + "`--set way=direct`" + ` is given.
- The throwaway server's data is kept in the user's cache directory, so that the next ` + "`rung new`" + ` of the same files starts sooner: three of them at most, none with ` + "`RUNG_KEEP_SANDBOX=false`" + `.
- In a list, a value with a comma or blanks at its ends stands in single quotes; double quotes are part of the value: ` + "`--set \"values=todo,'top, now','it''s'\"`" + `.
- Nothing is overwritten, and either all files are written or none. The first line of each file says how to write it again; a line break in a parameter is written there as bash and zsh read it, ` + "`$'…\\n…'`" + `. The comment below it says what waits for the file, and for how long: reads and writes, writes alone, or only other DDL; for a moment, until a transaction has committed, while a batch runs, the rows are checked or an index is built.
- Where several pairs are written, each can be deployed by itself, in the order of their numbers.
- A file ` + "`NAME.sql`" + ` in the folder ` + "`templates`" + ` of your directory, or in that of ` + "`--templates`" + `, adds a template or takes the place of one of these. It has the same head, and bodies below ` + "`-- == up ==` and `-- == down ==`" + ` in Go's text/template, with its parameters by name and the functions ident, literal, idents, list, split and indent.

`

func docs(set Set) string {
	var b strings.Builder
	b.WriteString(docsIntro)
	b.WriteString("| template | what it is for |\n|---|---|\n")
	for _, name := range set.Names() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", name, name, cell(set[name].Purpose))
	}
	for _, name := range set.Names() {
		t := set[name]
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n| parameter | what it is |\n|---|---|\n", name, sentence(t.Purpose))
		for _, p := range t.Params {
			optional := ""
			if p.Optional {
				optional = " (optional)"
			}
			fmt.Fprintf(&b, "| `%s`%s | %s |\n", p.Name, optional, cell(p.Usage))
		}
		fmt.Fprintf(&b, "\nLocks: %s\n\n%s\n\n```\n%s\n```\n", oneLine(t.Locks), steps(t.Steps), t.Example)
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(oneLine(s), "|", `\|`) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// steps is a list of the numbered lines, one of those that begin with a dash, and
// paragraphs of the others; a line further in continues the one above.
func steps(s string) string {
	type block struct {
		kind  byte // as its first character, or 'p'
		lines []string
	}
	var blocks []block
	for line := range strings.Lines(s) {
		text, kind := strings.TrimSpace(line), byte('p')
		switch {
		case text == "":
			continue
		case text[0] >= '0' && text[0] <= '9':
			kind = '1'
		case strings.HasPrefix(text, "- "):
			kind = '-'
		}
		n := len(blocks)
		switch {
		case n > 0 && kind == 'p' && (line[0] == ' ' || blocks[n-1].kind == 'p'):
			b := &blocks[n-1]
			b.lines[len(b.lines)-1] += " " + text
		case n > 0 && kind == blocks[n-1].kind:
			blocks[n-1].lines = append(blocks[n-1].lines, text)
		default:
			blocks = append(blocks, block{kind, []string{text}})
		}
	}
	var out []string
	for _, b := range blocks {
		out = append(out, strings.Join(b.lines, "\n"))
	}
	return strings.Join(out, "\n\n")
}

func TestStepsOverTwoLines(t *testing.T) {
	t.Parallel()
	for is, want := range map[string]string{
		"1. one\n   goes on\n2. two\nMore,\nand more.":     "1. one goes on\n2. two\n\nMore, and more.",
		"Before\nit.\n1. one,\n   and on\n- a\n  b\n- c\n": "Before it.\n\n1. one, and on\n\n- a b\n- c",
	} {
		if got := steps(is); got != want {
			t.Errorf("%q", got)
		}
	}
}
