package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	ucli "github.com/urfave/cli/v2"
	"golang.org/x/term"

	"rung/cli/internal/fault"
	"rung/templates"
)

// On a terminal rung new asks for what was not given, with the schema's own tables,
// columns and values to choose from, by number or name; TAB completes. The questions go
// to stderr, so that --print can be redirected. The line is edited by x/term: a library
// with menus to move about in would be a tenth of the binary.

// errNoAnswer is what a person leaves by, with Ctrl-C or Ctrl-D.
var errNoAnswer = errors.New("no answer, so nothing is written")

// canAsk reports whether a person sits there who can be asked.
func (t *terminal) canAsk() bool {
	in, out, ok := t.person()
	return ok && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" && !t.json && !t.logJSON
}

func (t *terminal) person() (in, out *os.File, ok bool) {
	in, isIn := t.in.(*os.File)
	out, isOut := t.streams[1].(*os.File)
	return in, out, isIn && isOut
}

// ask puts a question until the answer is one that it can have: one of some words,
// where there are any, and nothing at all for an optional one.
func (t *terminal) ask(name, usage string, words []string, optional bool) (string, error) {
	in, out, ok := t.person()
	if !ok {
		return "", fault.Usagef("", "%w", errNoAnswer)
	}
	fmt.Fprintf(t.err, "%s: %s\n", name, usage)
	for i, w := range words {
		fmt.Fprintf(t.err, "  %2d  %s\n", i+1, w)
	}
	for {
		answer, err := readLine(in, out, words)
		if err != nil {
			return "", err
		}
		answer = strings.TrimSpace(answer)
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(words) {
			answer = words[n-1]
		}
		switch {
		case answer == "" && !optional:
			fmt.Fprintln(t.err, "  it is needed; Ctrl-C leaves")
		case answer != "" && len(words) > 0 && !slices.Contains(words, answer):
			fmt.Fprintf(t.err, "  %s is none of these\n", answer)
		default:
			return answer, nil
		}
	}
}

// readLine reads one line, which can be edited, and completed from words.
func readLine(in, out *os.File, words []string) (string, error) {
	was, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(in.Fd()), was) //nolint:errcheck // there is nothing else to try
	line := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, "> ")
	line.AutoCompleteCallback = func(typed string, pos int, key rune) (string, int, bool) {
		whole := completed(typed[:pos], words)
		if key != '\t' || whole == typed[:pos] {
			return "", 0, false
		}
		return whole + typed[pos:], len(whole), true
	}
	text, err := line.ReadLine()
	if errors.Is(err, io.EOF) {
		fmt.Fprint(out, "\r\n")
		return "", fault.Usagef("", "%w", errNoAnswer)
	}
	return text, err
}

// completed is as much of a word as those that begin so have in common.
func completed(typed string, words []string) string {
	common, found := "", false
	for _, w := range words {
		switch {
		case !strings.HasPrefix(w, typed):
		case !found:
			common, found = w, true
		default:
			for !strings.HasPrefix(w, common) {
				common = common[:len(common)-1]
			}
		}
	}
	if !found {
		return typed
	}
	return strings.ToValidUTF8(common, "")
}

// confirm asks for yes or no.
func (t *terminal) confirm(question string) (bool, error) {
	answer, err := t.ask("question", question, []string{"yes", "no"}, false)
	return answer == "yes", err
}

// askTemplate asks which template is to write the files, and for the migration's name.
func (t *terminal) askTemplate(c *ucli.Context) (name string, err error) {
	if c.String("template") == "" {
		set, err := loadTemplates(c)
		if err != nil {
			return "", err
		}
		one, err := t.ask("template", "what writes the files (nothing for a blank pair); `rung templates NAME` says more of one", set.Names(), true)
		if err == nil && one != "" {
			err = c.Set("template", one)
		}
		if err != nil {
			return "", err
		}
	}
	return t.ask("name", "the migration's name, like add_users_email", nil, false)
}

// askParams asks for a template's parameters: those that it needs, and then for others
// until a person wants no more.
func (t *terminal) askParams(ctx context.Context, tm *templates.Template, db *templates.Catalog) (map[string]string, error) {
	params := map[string]string{}
	var optional []string
	for _, p := range tm.Params {
		if p.Optional {
			optional = append(optional, p.Name)
		} else if err := t.askParam(ctx, tm, p, db, params); err != nil {
			return nil, err
		}
	}
	for len(optional) > 0 {
		name, err := t.ask("more", "a further parameter, or nothing", optional, true)
		if err != nil || name == "" {
			return params, err
		}
		i := slices.IndexFunc(tm.Params, func(p templates.Param) bool { return p.Name == name })
		if err := t.askParam(ctx, tm, tm.Params[i], db, params); err != nil {
			return nil, err
		}
		optional = slices.DeleteFunc(optional, func(s string) bool { return s == name })
	}
	return params, nil
}

func (t *terminal) askParam(ctx context.Context, tm *templates.Template, p templates.Param, db *templates.Catalog, params map[string]string) error {
	var words []string
	var err error
	if db != nil {
		words, err = tm.Choices(ctx, db, p, params)
	}
	if err != nil {
		return err
	}
	value, err := t.ask(p.Name, p.Usage, words, p.Optional)
	if err == nil && value != "" {
		params[p.Name] = value
	}
	return err
}
