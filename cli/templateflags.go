package cli

import (
	"os"
	"path/filepath"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/templates"
)

// templateFlags are those of new that belong to --template.
func templateFlags() []ucli.Flag {
	const category = "templates:"
	return []ucli.Flag{
		&ucli.StringFlag{Name: "template", Category: category, Usage: "write the files by `TEMPLATE`; `rung templates` lists them"},
		&ucli.StringSliceFlag{Name: "set", Category: category, Usage: "give the template a parameter, `NAME=VALUE`; one that is a list may be given several times"},
		&ucli.StringFlag{Name: "params", Category: category, Usage: "read parameters from a JSON `FILE`, or from stdin for -"},
		&ucli.BoolFlag{Name: "offline", Category: category, Usage: "use the parameters alone, without reading the schema"},
		&ucli.StringFlag{Name: "scratch-url", Category: category, Usage: "the `URL` of a server to apply the directory on, in a database that is dropped afterwards, in place of a throwaway server: one with extensions that this machine lacks"},
		templatesDirFlag(),
	}
}

func templatesDirFlag() ucli.Flag {
	return &ucli.StringFlag{Name: "templates", Category: "templates:", Usage: "a `DIRECTORY` of templates of your own; by default templates/ in --dir"}
}

func loadTemplates(c *ucli.Context) (templates.Set, error) {
	dir := c.String("templates")
	if dir == "" {
		dir = filepath.Join(directories(c)[0], "templates")
	} else if _, err := os.Stat(dir); err != nil {
		return nil, fault.Usagef("", "--templates: %w", err)
	}
	return templates.Load(os.DirFS(dir))
}
