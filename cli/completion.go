package cli

import (
	"embed"
	"maps"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"
)

//go:embed completion
var completions embed.FS

func completionCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:      "completion",
		Usage:     "print a completion script for bash, zsh or fish",
		ArgsUsage: "bash|zsh|fish",
		Description: "Prints a script for the shell to read:\n" +
			"   bash   source <(rung completion bash)\n" +
			"   zsh    source <(rung completion zsh)\n" +
			"   fish   rung completion fish | source",
		Action: func(c *ucli.Context) error {
			o := &jsonCompletion{Shell: c.Args().First()}
			switch {
			case c.Args().Len() != 1 || !slices.Contains(shells, o.Shell):
				return usagef("write `rung completion bash`", "completion takes one of bash, zsh and fish")
			case o.Shell == "fish":
				text, err := c.App.ToFishCompletion()
				if err != nil {
					return err
				}
				o.Script = strings.ReplaceAll(text, "`", "") // they mark the names of values
			default:
				text, err := completions.ReadFile("completion/" + o.Shell)
				if err != nil {
					return err
				}
				o.Script = string(text)
			}
			t.sayRaw(strings.TrimRight(o.Script, "\n"))
			return t.finish(o)
		},
	}
}

// completing is the word by which a completion script asks what may stand where
// the word before it is being typed. Wherever it stands, no command runs.
const completing = "--generate-bash-completion"

// complete lists what may stand in place of the last of the words.
func (t *terminal) complete(app *ucli.App, words []string) int {
	if len(words) == 0 {
		words = []string{""}
	}
	for _, choice := range choices(app, words[:len(words)-1], words[len(words)-1]) {
		t.sayRaw(choice)
	}
	return exitDone
}

// choices are the words that may follow those before, and begin as was typed.
// There are none where the shell knows better: a file, the value of a flag, a
// command behind --.
func choices(app *ucli.App, before []string, typed string) []string {
	if slices.Contains(before, "--") {
		return nil
	}
	var command *ucli.Command
	all, value, arguments := flagsOf(app, nil), "", 0
	for _, word := range before {
		name := strings.TrimLeft(word, "-")
		switch {
		case word == "=": // bash takes it for a word
		case value != "":
			value = ""
		case strings.HasPrefix(word, "-"):
			if all[name] { // behind = it has its value
				value = name
			}
		case command == nil && word == "help":
		case command == nil:
			if command = app.Command(word); command == nil {
				return nil
			}
			all = flagsOf(app, command)
		default:
			arguments++
		}
	}
	flag, part, given := strings.Cut(typed, "=")
	switch {
	case value != "":
		return beginning(strings.TrimPrefix(typed, "="), "", valuesOf(value))
	case strings.HasPrefix(typed, "-") && given:
		return beginning(part, flag+"=", valuesOf(strings.TrimLeft(flag, "-")))
	case strings.HasPrefix(typed, "-"):
		return beginning(strings.TrimLeft(typed, "-"), "--", longNames(all))
	case command == nil:
		return beginning(typed, "", commandNames(app))
	case command.Name == "completion" && arguments == 0:
		return beginning(typed, "", shells)
	}
	return nil
}

// flagsOf are the flags that may stand with a command, and whether each takes a
// value; with a command that is not known yet, those of all.
func flagsOf(app *ucli.App, c *ucli.Command) map[string]bool {
	own := ownFlags(app)
	if c != nil {
		own = flagSet(c.Flags)
	}
	all := flagSet(append(app.Flags, ucli.HelpFlag))
	maps.Copy(all, own)
	return all
}

// valuesOf are the values that a flag takes, where they are few.
func valuesOf(flag string) []string {
	return map[string][]string{"log-format": {"json", "text"}, "vacuum": {"auto", "off"}}[flag]
}

func longNames(flags map[string]bool) (names []string) {
	for name := range flags {
		if len(name) > 1 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func commandNames(app *ucli.App) (names []string) {
	for _, c := range app.Commands {
		names = append(names, c.Name)
	}
	return names
}

func beginning(typed, prefix string, names []string) (out []string) {
	for _, name := range names {
		if strings.HasPrefix(name, typed) {
			out = append(out, prefix+name)
		}
	}
	return out
}

var shells = []string{"bash", "zsh", "fish"}

type jsonCompletion struct {
	jsonResult
	Shell  string `json:"shell"`
	Script string `json:"script"`
}
