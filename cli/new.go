package cli

import (
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
)

func newCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "new",
		Usage: "write the next numbered pair of files, blank or from a template",
		UsageText: cmdline.Examples(
			"rung new add_users_email", "write a blank pair of files",
			"rung new require_email --template set-not-null --set table=users --set column=email", "write them by a template",
		),
		ArgsUsage:   "NAME",
		Description: "Numbers the pair like the directory: the highest version plus one, in its width, or the time if the highest is a time. Never overwrites a file.",
		Flags: append(templateFlags(),
			&ucli.BoolFlag{Name: "timestamp", Usage: "number it by the time (UTC) if the directory is empty"},
			&ucli.BoolFlag{Name: "print", Usage: "print the files instead of writing them"},
		),
		Action: func(c *ucli.Context) error {
			typed := strings.Join(c.Args().Slice(), " ")
			if !c.Args().Present() {
				if !t.canAsk() {
					return fault.Usagef("write it like `rung new add_users_email`", "new takes the migration's name")
				}
				var err error
				if typed, err = t.askTemplate(c); err != nil {
					return err
				}
			}
			name, err := migrationName(typed)
			if err != nil {
				return err
			}
			files, err := t.newFiles(c, name)
			if err != nil {
				return err
			}
			if c.Bool("print") {
				for _, f := range files {
					t.sayRaw("-- " + f.Path + "\n" + f.Text)
				}
				return t.finish(&jsonNew{Files: files})
			}
			if err := writeAll(files); err != nil {
				return err
			}
			for _, f := range files {
				t.say("%s", f.Path)
			}
			return t.finish(&jsonNew{Files: files})
		},
	}
}

type jsonNew struct {
	jsonResult
	Files []newFile `json:"files"`
}

func (t *terminal) newFiles(c *ucli.Context, name string) ([]newFile, error) {
	if c.String("template") != "" {
		return t.fromTemplate(c, name)
	}
	for _, f := range []string{"set", "params", "offline"} {
		if c.IsSet(f) {
			return nil, fault.Usagef("name a template; `rung templates` lists them", "--%s belongs to --template", f)
		}
	}
	files, _, err := newPair(c, name, "")
	return files, err
}
