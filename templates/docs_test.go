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

- A template looks at the schema first, so that the SQL fits the real tables: on a throwaway server that the directory itself has brought to its head, or with ` + "`--database-url`" + ` on that database. It is sizes that the throwaway server cannot know: ` + "`enum`" + ` and the reports count what is there, and only ` + "`--database-url`" + ` gives the real numbers. ` + "`--offline`" + ` works from the parameters alone, where a template can.
- stderr says what it found, what will be locked and for how long. ` + "`--print`" + ` writes to stdout instead of files; ` + "`--params FILE`" + ` (` + "`-`" + ` for stdin) reads parameters from a JSON object, whose lists and objects are lists and maps: ` + "`{\"type\": \"mood\", \"values\": [\"sad\", \"top, now\"], \"map\": {\"bad\": \"sad\"}}`" + `; null is as if the name were not there. A list or a map may also be given by several ` + "`--set`" + `, which add up; what is one value is refused twice.
- On a terminal, without ` + "`--set`" + ` and ` + "`--params`" + `, it asks for the parameters one by one, with the schema's own tables, columns and values to choose from, by number or name; TAB completes. It prints the command that does the same. ` + "`rung new`" + ` alone asks for the template and the name too.
- A data template has two ways: direct is one pair, one transaction and one lock for as long as it takes, and refuses a table that is too big for that; online is several pairs, with triggers and batches, and holds no lock for long. With ` + "`--database-url`" + ` the way is chosen by the table's size and use, so that programs wait for 200 ms at most; else it is online, and ` + "`--set way=direct`" + ` writes the other.
- The throwaway server is kept for the next ` + "`rung new`" + ` of the same files, three of them at most, in the user's cache directory; ` + "`RUNG_KEEP_SANDBOX=false`" + ` keeps none.
- In a list, a value with a comma or blanks at its ends stands in single quotes, and double quotes are none: ` + "`--set \"values=todo,'top, now','it''s'\"`" + `.
- Nothing is overwritten, and either all files are written or none. The first line of each file says how to write it again; a line break in a parameter is written there as bash and zsh read it, ` + "`$'…\\n…'`" + `.
- Where several pairs are written, each can be deployed by itself; the order is that of their numbers.
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

// steps keeps the numbered lines, with the lines further in that continue with
// them, and makes a paragraph of what follows.
func steps(s string) string {
	var out []string
	more := ""
	for _, line := range strings.Split(s, "\n") {
		text := strings.TrimSpace(line)
		switch {
		case text == "":
		case text[0] >= '0' && text[0] <= '9':
			out = append(out, text)
		case line[0] == ' ' && len(out) > 0 && more == "":
			out[len(out)-1] += " " + text
		default:
			more += " " + text
		}
	}
	text := strings.Join(out, "\n")
	if more != "" {
		text += "\n\n" + strings.TrimSpace(more)
	}
	return strings.TrimSpace(text)
}

func TestStepsOverTwoLines(t *testing.T) {
	t.Parallel()
	if got, want := steps("1. one\n   goes on\n2. two\nMore,\nand more."), "1. one goes on\n2. two\n\nMore, and more."; got != want {
		t.Errorf("%q", got)
	}
}
