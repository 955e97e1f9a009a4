package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
)

// The manual page and docs/commands.md are the help of the commands as they are.
func TestManPage(t *testing.T) {
	text := manMarkdown(newApp(newTerminal(&bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{})))
	_, page, _ := strings.Cut(text, "\n")
	for path, want := range map[string]string{
		"man/rung.1":          string(md2man.Render([]byte(text))),
		"../docs/commands.md": "<!-- go test ./cli -run TestManPage -update writes this page -->\n\n" + strings.ReplaceAll(page, "\n#", "\n##"),
	} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if is, err := os.ReadFile(path); err != nil || string(is) != want {
			t.Errorf("%s is not the help as it is, %v; run go test ./cli -run TestManPage -update", path, err)
		}
	}
}

// manMarkdown is the help as go-md2man takes it: text between fences stays as it
// stands.
func manMarkdown(app *ucli.App) string {
	var b strings.Builder
	fenced := func(text string) { b.WriteString("```\n" + strings.Trim(text, "\n") + "\n```\n\n") }
	b.WriteString("% rung 1\n# NAME\n\nrung - " + app.Usage + "\n\n# SYNOPSIS\n\n**rung** [global flags] *COMMAND* [flags] [arguments]\n\n# GLOBAL FLAGS\n\n")
	fenced(cmdline.FlagTable(app.Flags))
	b.WriteString("# COMMANDS\n\n")
	for _, c := range app.Commands {
		b.WriteString("## " + strings.TrimRight("rung "+c.Name+" "+c.ArgsUsage, " ") + "\n\n")
		_, text, _ := strings.Cut(cmdline.Help(c), "\n")
		fenced(text)
	}
	for _, name := range cmdline.TopicNames() {
		b.WriteString("# " + strings.ToUpper(name) + "\n\n")
		fenced(cmdline.Topics[name](app))
	}
	return b.String()
}
