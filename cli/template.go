package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/internal/pgurl"
	"rung/internal/sandbox"
	"rung/runner"
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
		templatesDirFlag(),
	}
}

func templatesDirFlag() ucli.Flag {
	return &ucli.StringFlag{Name: "templates", Category: "templates:", Usage: "a `DIRECTORY` of templates of your own; by default templates/ in --dir"}
}

func templatesCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "templates",
		Usage:       "list the templates, or show one",
		ArgsUsage:   "[NAME]",
		Description: "Without a NAME: each template and its purpose. With one: its purpose, parameters, locks, steps and an example.",
		Flags:       []ucli.Flag{templatesDirFlag()},
		Action: func(c *ucli.Context) error {
			set, err := loadTemplates(c)
			if err != nil {
				return err
			}
			if !c.Args().Present() {
				o := &jsonTemplates{Templates: []jsonTemplate{}}
				var rows [][]string
				for _, name := range set.Names() {
					o.Templates = append(o.Templates, templateJSON(set[name]))
					rows = append(rows, []string{name, set[name].Purpose})
				}
				t.sayTable(rows)
				return t.finish(o)
			}
			tm, err := set.Find(c.Args().First())
			if err != nil {
				return err
			}
			t.say("%s", lines(strings.TrimRight(templateText(tm), "\n")))
			return t.finish(&jsonTemplates{Templates: []jsonTemplate{templateJSON(tm)}})
		},
	}
}

func templateText(tm *templates.Template) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nParameters:\n", tm.Name, tm.Purpose)
	for _, p := range tm.Params {
		optional := ""
		if p.Optional {
			optional = " (optional)"
		}
		fmt.Fprintf(&b, "  %s%s: %s\n", p.Name, optional, p.Usage)
	}
	for _, part := range [][2]string{{"Locks", tm.Locks}, {"Steps", tm.Steps}, {"Example", tm.Example}} {
		fmt.Fprintf(&b, "\n%s:\n  %s\n", part[0], strings.ReplaceAll(part[1], "\n", "\n  "))
	}
	return b.String()
}

type jsonTemplates struct {
	jsonResult
	Templates []jsonTemplate `json:"templates"`
}

type jsonTemplate struct {
	Name    string      `json:"name"`
	Purpose string      `json:"purpose"`
	Params  []jsonParam `json:"params"`
	Locks   string      `json:"locks"`
	Steps   string      `json:"steps"`
	Example string      `json:"example"`
}

type jsonParam struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional"`
	Usage    string `json:"usage"`
}

func templateJSON(tm *templates.Template) jsonTemplate {
	o := jsonTemplate{Name: tm.Name, Purpose: tm.Purpose, Params: []jsonParam{}, Locks: tm.Locks, Steps: tm.Steps, Example: tm.Example}
	for _, p := range tm.Params {
		o.Params = append(o.Params, jsonParam{p.Name, p.Optional, p.Usage})
	}
	return o
}

func loadTemplates(c *ucli.Context) (templates.Set, error) {
	dir := c.String("templates")
	if dir == "" {
		dir = filepath.Join(directories(c)[0], "templates")
	} else if _, err := os.Stat(dir); err != nil {
		return nil, usagef("", "--templates: %w", err)
	}
	return templates.Load(os.DirFS(dir))
}

// fromTemplate writes the pairs of a template, after those in the directory.
func (t *terminal) fromTemplate(c *ucli.Context, name string) ([]newFile, error) {
	set, err := loadTemplates(c)
	if err != nil {
		return nil, err
	}
	tm, err := set.Find(c.String("template"))
	if err != nil {
		return nil, err
	}
	params, err := t.templateParams(c)
	if err != nil {
		return nil, err
	}
	in := &templates.Input{Name: name, Params: params}
	asks := t.canAsk()
	if asks {
		in.Ask = t.confirm
	}
	asks = asks && !c.IsSet("set") && !c.IsSet("params") && len(tm.Params) > 0
	if d, _ := loadDirectories(c); d != nil { // the first migration makes the directory
		in.Written, err = writtenIn(d)
	}
	if err != nil {
		return nil, err
	}
	var pairs []templates.File
	err = t.withSchema(c, func(ctx context.Context, conn *sql.Conn) error {
		if conn != nil {
			in.DB = &templates.Catalog{Conn: conn, Throwaway: !t.databaseTyped}
		}
		if asks {
			if in.Params, err = t.askParams(ctx, tm, in.DB); err != nil {
				return err
			}
			t.note("the same without a question: " + tm.Command(name, in.Params))
		}
		pairs, err = set.Expand(ctx, c.String("template"), in)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, line := range in.Report {
		t.note(line)
	}
	return numbered(c, name, pairs)
}

// withSchema hands f a database with the schema to look at: nothing when
// offline, the one of --database-url when that was typed, and otherwise a
// sandbox that the directory has brought to its head.
func (t *terminal) withSchema(c *ucli.Context, f func(context.Context, *sql.Conn) error) error {
	if c.Bool("offline") {
		return f(c.Context, nil)
	}
	if t.databaseTyped {
		cfg, err := connConfig(c)
		if err != nil {
			return err
		}
		return t.look(c, cfg, false, f)
	}
	kept := keptAt(c)
	if kept.there() {
		s, err := sandbox.Start(c.Context, sandbox.Config{Kept: kept.dir})
		if err == nil {
			defer s.Stop() //nolint:errcheck // the watchdog removes what Stop cannot
			cfg, err := pgurl.Parse(s.URL(""), pgurl.Source{})
			if err != nil {
				return err
			}
			return t.look(c, cfg, false, f)
		}
		os.RemoveAll(kept.dir) // it is of no use, whatever the reason
	}
	s, err := sandbox.Start(c.Context, sandbox.Config{})
	if err != nil {
		return err
	}
	defer s.Stop() //nolint:errcheck // the watchdog removes what Stop cannot
	cfg, err := t.atHead(c, s.URL(""))
	if err != nil {
		return err
	}
	defer kept.keep(c.Context, s)
	return t.look(c, cfg, true, f)
}

// look hands f a connection, after an ANALYZE where rows are to be counted.
func (t *terminal) look(c *ucli.Context, cfg pq.Config, analyze bool, f func(context.Context, *sql.Conn) error) error {
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(c.Context)
	if err != nil {
		return &runner.UnreachableError{Err: err}
	}
	defer conn.Close()
	if analyze {
		// Where it fails, as at the function of an index, the numbers of rows are the
		// server's guess.
		_, _ = conn.ExecContext(c.Context, "ANALYZE")
	}
	if role := c.String("role"); role != "" {
		if _, err := conn.ExecContext(c.Context, "SET ROLE "+pq.QuoteIdentifier(role)); err != nil {
			return err
		}
	}
	return f(c.Context, conn)
}

// atHead brings an empty database to the head of the directory.
func (t *terminal) atHead(c *ucli.Context, url string) (pq.Config, error) {
	cfg, err := pgurl.Parse(url, pgurl.Source{})
	if err != nil {
		return cfg, err
	}
	d, err := loadDirectories(c)
	var bad *runner.BadFilesError
	if _, gone := os.Stat(directories(c)[0]); errors.As(err, &bad) && errors.Is(gone, fs.ErrNotExist) {
		return cfg, nil // the first migration makes the directory
	}
	if err != nil || len(d.Migrations) == 0 {
		return cfg, err
	}
	r, err := runner.New(runner.Config{Conn: cfg, Dir: d, HistorySchema: c.String("history-schema"), Version: version()})
	if err != nil {
		return cfg, err
	}
	if _, err := r.Up(c.Context, runner.UpRequest{}); err != nil {
		return cfg, fmt.Errorf("bring a sandbox to the head of %s: %w", d.Label, err)
	}
	return cfg, nil
}

// numbered gives each pair the next version.
func numbered(c *ucli.Context, name string, pairs []templates.File) ([]newFile, error) {
	var files []newFile
	taken := ""
	for _, p := range pairs {
		full := name
		if p.Suffix != "" {
			full += "_" + p.Suffix
		}
		two, digits, err := newPair(c, full, taken)
		if err != nil {
			return nil, err
		}
		taken = digits
		two[0].Text, two[1].Text = p.Up, p.Down
		files = append(files, two...)
	}
	return files, nil
}
