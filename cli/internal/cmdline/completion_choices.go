package cmdline

import (
	"maps"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"
)

// typedLine is a command line that is being typed, up to the word at hand.
type typedLine struct {
	app     *ucli.App
	command *ucli.Command
	// help is set behind the word help.
	help bool
	// flags are the values that were given to each flag so far.
	flags map[string][]string
	// value is the flag whose value the next word is, or "".
	value string
	args  int
}

// Choices are the words that may follow those before, and begin as was typed.
// There are none where the shell knows better: a file, or a command behind --.
func Choices(app *ucli.App, before []string, typed string) []string {
	before, typed, bare := joinAtEquals(before, typed)
	line, ok := readTyped(app, before)
	if !ok {
		return nil
	}
	found := line.choices(typed)
	if bare { // bash replaces what stands behind the =
		head, _, _ := strings.Cut(typed, "=")
		for i := range found {
			found[i] = strings.TrimPrefix(found[i], head+"=")
		}
	}
	return found
}

// joinAtEquals undoes what bash does to a word with = in it: it makes three of it.
// It reports whether the last word was one of those.
func joinAtEquals(before []string, typed string) (joined []string, last string, bare bool) {
	words := append(slices.Clone(before), typed)
	for i := 0; i < len(words); i++ {
		if words[i] != "=" || len(joined) == 0 {
			joined = append(joined, words[i])
			continue
		}
		joined[len(joined)-1] += "="
		bare = i+1 >= len(words)-1
		if i++; i < len(words) {
			joined[len(joined)-1] += words[i]
		}
	}
	return joined[:len(joined)-1], joined[len(joined)-1], bare
}

// readTyped sorts the words before the one at hand. It is not ok where rung has
// nothing to say.
func readTyped(app *ucli.App, before []string) (*typedLine, bool) {
	l := &typedLine{app: app, flags: map[string][]string{}}
	for _, word := range before {
		name, value, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case word == "--":
			return nil, false
		case l.value != "":
			l.flags[l.value], l.value = append(l.flags[l.value], word), ""
		case strings.HasPrefix(word, "-") && given:
			l.flags[name] = append(l.flags[name], value)
		case strings.HasPrefix(word, "-"):
			if l.known()[name] {
				l.value = name
			}
		case l.command == nil && word == "help":
			l.help = true
		case l.command == nil:
			if l.command = app.Command(word); l.command == nil {
				return nil, false
			}
		default:
			l.args++
		}
	}
	return l, true
}

func (l *typedLine) choices(typed string) []string {
	flag, part, given := strings.Cut(typed, "=")
	switch {
	case l.value != "":
		return beginning(typed, "", l.valuesOf(l.value))
	case strings.HasPrefix(typed, "-") && given:
		return beginning(part, flag+"=", l.valuesOf(strings.TrimLeft(flag, "-")))
	case strings.HasPrefix(typed, "-"):
		return beginning(strings.TrimLeft(typed, "-"), "--", longNames(l.known()))
	case l.help && l.command == nil:
		return beginning(typed, "", append(commandNames(l.app), TopicNames()...))
	case l.command == nil:
		return beginning(typed, "", commandNames(l.app))
	case l.args == 0:
		return beginning(typed, "", l.arguments())
	}
	return nil
}

// known are the flags that may stand on the line, and whether each takes a value;
// before the command, those of all.
func (l *typedLine) known() map[string]bool {
	own := ownFlags(l.app)
	if l.command != nil {
		own = flagSet(l.command.Flags)
	}
	all := flagSet(append(l.app.Flags, ucli.HelpFlag))
	maps.Copy(all, own)
	return all
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
