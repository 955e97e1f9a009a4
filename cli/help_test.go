package cli

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
)

// output runs a command line that must succeed.
func output(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(append([]string{"rung"}, args...), strings.NewReader(""), &out, &errs); code != fault.ExitDone || errs.Len() > 0 {
		t.Fatalf("%q: exit status %d\n%s", args, code, errs.String())
	}
	return out.String()
}

func TestHelp(t *testing.T) {
	app := newApp(newTerminal(nil, io.Discard, io.Discard))
	whole := output(t, "--help")
	readable(t, "rung", whole)
	for _, c := range app.Commands {
		t.Run(c.Name, func(t *testing.T) {
			help := output(t, c.Name, "--help")
			readable(t, c.Name, help)
			if help != output(t, "help", c.Name) || help != output(t, "--help", c.Name) || help != output(t, c.Name, "-h") {
				t.Error("the ways to ask for the help give different texts")
			}
			if !strings.Contains(whole, "\n   "+c.Name+" ") {
				t.Error("rung --help does not list it")
			}
			if c.Description == "" || fault.ExitsOf[c.Name] == nil {
				t.Error("it has no description, or no list of its exit codes")
			}
			flagsExplained(t, c, help)
			examplesRead(t, c)
		})
	}
	for name := range fault.ExitsOf {
		if name != "" && app.Command(name) == nil {
			t.Errorf("exitsOf lists %q, which is no command", name)
		}
	}
	unwrapped := strings.Join(strings.Fields(whole), " ")
	for code, text := range fault.ExitText {
		if !strings.Contains(unwrapped, text) {
			t.Errorf("rung --help does not explain exit status %d", code)
		}
	}
}

// readable checks what a terminal of 100 columns needs, and the sections.
func readable(t *testing.T, name, help string) {
	t.Helper()
	for line := range strings.Lines(help) {
		line = strings.TrimRight(line, "\n")
		if utf8.RuneCountInString(line) > 100 || strings.TrimRight(line, " ") != line || strings.Contains(line, "\t") {
			t.Errorf("%s: too long, or blanks where they are not seen: %q", name, line)
		}
	}
	for _, section := range []string{"NAME:\n   rung", "\nUSAGE:\n   rung ", "\nEXIT STATUS:\n   0 ", "\nEXAMPLES:\n   rung "} {
		if !strings.Contains(help, section) {
			t.Errorf("%s: no %q", name, section)
		}
	}
}

// flagsExplained checks that each flag is in the help, has a text that starts
// in lower case, takes a value with a name, and can come from the environment.
func flagsExplained(t *testing.T, c *ucli.Command, help string) {
	for _, f := range c.Flags {
		doc := f.(ucli.DocGenerationFlag)
		usage, name := doc.GetUsage(), f.Names()[0]
		if !strings.Contains(help, "--"+name) || usage == "" || usage[0] >= 'A' && usage[0] <= 'Z' {
			t.Errorf("--%s is not explained: %q", name, usage)
		}
		if doc.TakesValue() && !cmdline.Placeholder.MatchString(usage) {
			t.Errorf("--%s takes a value that has no name: %q", name, usage)
		}
		if !slices.Contains(doc.GetEnvVars(), cmdline.Variable(c.Name, name)) {
			t.Errorf("--%s has no variable %s: %q", name, cmdline.Variable(c.Name, name), doc.GetEnvVars())
		}
	}
}

// examplesRead checks that a command has examples, and that rung reads each of them:
// the flags are there, and take the values.
func examplesRead(t *testing.T, c *ucli.Command) {
	if c.UsageText == "" {
		t.Error("it has no example: give it a UsageText, by cmdline.Examples")
		return
	}
	for _, example := range cmdline.ExamplesOf(c) {
		line, _, _ := strings.Cut(example[0], " | ")
		line, _, _ = strings.Cut(line, " > ")
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "rung" || words[1] != c.Name {
			t.Errorf("%s is no example of it", example[0])
			continue
		}
		output(t, slices.Insert(words[1:], 1, "--help")...)
	}
}

func TestWrapped(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for _, c := range []struct{ indent, text, want string }{
		{"  ", "short", "  short\n"},
		{"  ", " kept as it is", "   kept as it is\n"},
		{" ", long, " " + strings.TrimSpace(strings.Repeat("word ", 20)) + "\n " + strings.TrimSpace(strings.Repeat("word ", 20)) + "\n"},
	} {
		if got := show.Wrapped(c.indent, c.text); got != c.want {
			t.Errorf("wrapped(%q, %q) is %q, not %q", c.indent, c.text, got, c.want)
		}
	}
}
