package cli

import (
	"cmp"
	"fmt"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/cli/internal/timeline"
	"rung/runner"
)

// timelineFlag is --html of status and history.
func timelineFlag() ucli.Flag {
	return &ucli.StringFlag{Name: "html", Usage: "write an HTML page to `FILE` too: the runs, failed attempts, the time by file and the rates of backfills; it loads nothing and runs no script"}
}

// writeTimeline writes the page that --html asks for.
func (t *terminal) writeTimeline(c *ucli.Context, r *runner.Runner) error {
	file := c.String("html")
	if file == "" {
		return nil
	}
	if t.member != nil {
		return fault.Usagef("name one database by --database-url", "--html is a page of one database")
	}
	conn, err := t.connConfig(c)
	if err != nil {
		return err
	}
	log, err := r.History(c.Context, 0)
	if err != nil {
		return err
	}
	rates, err := r.BackfillRates(c.Context)
	if err != nil {
		return err
	}
	number, names := asWritten(c), map[runner.Version]string{}
	for _, e := range log {
		names[e.Version] = e.Name
	}
	text, err := timeline.HTML(timeline.Input{
		About: fmt.Sprintf("%s on %s, %s", conn.Database, conn.Host, time.Now().Format(show.TimeLayout)), Log: log, Rates: rates,
		Title: func(v runner.Version, name string) string { return number(v) + "_" + cmp.Or(name, names[v]) },
	})
	if err != nil {
		return err
	}
	return writeError(file, replaceFile(file, append(text, '\n')))
}
