package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/internal/secret"
	"rung/proof"
	"rung/runner"
)

func reviewCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "review",
		Usage: "observe on a scratch server what the pending migrations lock, rewrite and scan",
		UsageText: cmdline.Examples(
			"rung review", "observe what is pending on DATABASE_URL",
			"rung review --from 42 --markdown", "observe version 42 and all above it, for a pull request",
		),
		Description: "Brings a database of a throwaway PostgreSQL to the version of production, runs each pending statement there, and reports what PostgreSQL did: locks, rewrites, scans, index builds, objects. The findings are weighed with the sizes of the live database, if one is named; rung only reads there. docs/findings.md lists all findings.\n" +
			"Pending is what --from or --since says, otherwise what the live history says, otherwise the newest version.\n" +
			"-- rung:allow ID REASON above or in a statement suppresses one of its findings.\n" +
			"It uses the newest PostgreSQL server of this machine; RUNG_PG_BINDIR names another one's directory, and --scratch-url another server, on which only databases named rung_scratch_… are created and dropped.",
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "from", Usage: "review `VERSION` and all versions above it as pending"},
			&ucli.StringFlag{Name: "since", Usage: "review the versions whose files changed since the git commit, branch or tag `REF` as pending"},
			&ucli.StringFlag{Name: "fail-on", Value: "danger", Usage: "exit 7 for findings of this `SEVERITY` or worse: notice, warning, danger, error, or off"},
			&ucli.StringSliceFlag{Name: "severity", Usage: "give a finding another severity: `ID=SEVERITY`, or `off`; may be given several times; the file .rung-review, in the directory or above it up to the root of the repository, has a line for each"},
			&ucli.BoolFlag{Name: "check-data", Usage: "ask the live rows whether new constraints and types fit them: queries in READ ONLY transactions of at most 10 s"},
			&ucli.BoolFlag{Name: "markdown", Usage: "print Markdown, for a pull request"},
			&ucli.StringFlag{Name: "html", Usage: "write an HTML page to `FILE` too: it loads nothing and runs no script"},
			&ucli.StringFlag{Name: "sarif", Usage: "write SARIF 2.1.0 to `FILE` too, for a code host"},
			&ucli.StringFlag{Name: "scratch-url", Usage: "the `URL` of a server for scratch databases, instead of a throwaway one"},
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			settings, err := t.reviewSettings(c, "fail-on")
			if err != nil {
				return err
			}
			cfg, err := t.reviewConfig(c, settings)
			if err != nil {
				return err
			}
			report, err := proof.Review(c.Context, cfg)
			t.live.Clear()
			o := &jsonReview{}
			o.fill(report)
			if c.Context.Err() != nil {
				err = context.Cause(c.Context)
			}
			var bad *runner.BadFilesError
			switch {
			case err != nil && !errors.As(err, &bad):
				return t.failWith(o, err)
			case t.member != nil:
				settings.add(t.member.Name, report, bad)
				return t.finish(o)
			}
			return t.failWith(o, errors.Join(t.reviewed(c, report, settings.failOn, err), err))
		},
	}
}

// reviewConfig adds to the settings the directory, and the database that they are for.
func (t *terminal) reviewConfig(c *ucli.Context, settings *reviewSettings) (cfg proof.ReviewConfig, err error) {
	cfg = settings.cfg
	if cfg.Dir, err = t.load(c); err != nil {
		return cfg, err
	}
	if err := errors.Join(cfg.Dir.MustHaveFiles(), cfg.Dir.Bad()); err != nil {
		return cfg, err
	}
	t.warnFiles(cfg.Dir, false)
	cfg.Progress = t.reviewProgress
	url, err := databaseURL(c)
	if err != nil {
		return cfg, badAddress(err)
	}
	if cfg.Live = t.member != nil || url != "" || os.Getenv("PGHOST") != "" || os.Getenv("PGSERVICE") != "" || os.Getenv("PGDATABASE") != ""; cfg.Live {
		if err = t.aim(c, &cfg.Runner); err != nil {
			return cfg, err
		}
	}
	if cfg.CheckData && !cfg.Live {
		return cfg, fault.Usagef("name it with --database-url", "--check-data needs a live database")
	}
	return cfg, nil
}

// reviewed prints the report and returns what its end is.
func (t *terminal) reviewed(c *ucli.Context, r *proof.ReviewReport, failOn proof.Severity, bad error) error {
	text := r.Text(t.verbose)
	switch {
	case len(r.Versions) == 0 && c.String("since") != "":
		text = "nothing to review: no file changed since " + c.String("since") + "\n"
	case len(r.Versions) == 0:
		text = "nothing to review: nothing is pending\n"
	case c.Bool("markdown"):
		text = r.Markdown()
	}
	for line := range strings.Lines(text) {
		t.say("%s", secret.Mask(strings.TrimRight(line, "\n")))
	}
	for flag, write := range map[string]func() ([]byte, error){"sarif": r.SARIF, "html": r.HTML} {
		file := c.String(flag)
		if file == "" {
			continue
		}
		text, err := write()
		if err == nil {
			err = replaceFile(file, append(text, '\n'))
		}
		if err != nil {
			return writeError(file, err)
		}
	}
	if n := r.Worst(failOn); n > 0 && failOn != proof.Off && bad == nil {
		return fmt.Errorf("%s of severity %s or worse: %w", show.Count(n, "finding"), failOn, fault.ErrFound)
	}
	return nil
}

// jsonReview is the object of review.
type jsonReview struct {
	jsonResult
	Server     string                `json:"server"`
	LiveServer string                `json:"live_server"`
	TimeZone   string                `json:"time_zone"`
	Versions   []runner.Version      `json:"versions"`
	Findings   []proof.ReviewFinding `json:"findings"`
	Suppressed []proof.ReviewFinding `json:"suppressed"`
	Statements []proof.Observed      `json:"statements"`
	Relations  []proof.LiveRelation  `json:"relations"`
	Notes      []string              `json:"notes"`
	DurationMS float64               `json:"duration_ms"`
}

func (o *jsonReview) fill(r *proof.ReviewReport) {
	o.Server, o.LiveServer, o.TimeZone, o.DurationMS = r.Server, r.LiveServer, r.TimeZone, show.Millis(r.Took)
	o.Versions, o.Notes = show.List(r.Versions), show.List(r.Notes)
	o.Findings, o.Suppressed, o.Statements, o.Relations = values(r.Findings), values(r.Suppressed), values(r.Statements), values(r.Relations)
	for i := range o.Statements {
		o.Statements[i].SQL = secret.Mask(o.Statements[i].SQL)
	}
}
