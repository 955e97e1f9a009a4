package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/proof"
	"rung/runner"
)

func verifyCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "verify",
		Usage: "prove on a scratch server that each down migration undoes its up",
		UsageText: cmdline.Examples(
			"rung verify --since main", "prove the versions whose files a branch changed",
			"rung verify --from 42 --seed auto", "prove version 42 and all above it, with rows",
		),
		Description: "Runs each version up, down and up again, as production does, in databases of a throwaway PostgreSQL, and compares schema and rows: what the down loses or leaves behind, and whether the up can run again. DATABASE_URL is not used.\n" +
			"A version that cannot be reverted by design says so in its down file: -- rung:irreversible REASON.\n" +
			"It uses the newest PostgreSQL server of this machine; RUNG_PG_BINDIR names another one's directory, and --scratch-url another server, on which only databases named rung_scratch_… are created and dropped.",
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "from", Usage: "verify `VERSION` and all versions above it; those below are only applied"},
			&ucli.StringFlag{Name: "since", Usage: "verify the versions whose files changed since the git commit, branch or tag `REF`"},
			&ucli.StringSliceFlag{Name: "seed", Usage: "load rows from `FILE|DIR|auto`: 12_users.sql loads after version 12, a name without a number before the first; auto makes rows for the tables that a version touches"},
			cmdline.NumberFlag("jobs", 0, "verify `N` parts of the directory at a time (default: the number of cores)"),
			&ucli.BoolFlag{Name: "dump", Usage: "show the difference as pg_dump's text too"},
			&ucli.BoolFlag{Name: "strict", Usage: "also fail versions without a down migration"},
			&ucli.BoolFlag{Name: "markdown", Usage: "print Markdown, for a pull request"},
			&ucli.StringFlag{Name: "junit", Usage: "write JUnit XML to `FILE` too"},
			&ucli.StringFlag{Name: "scratch-url", Usage: "the `URL` of a server for scratch databases, instead of a throwaway one"},
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			cfg, err := t.verifyConfig(c)
			if err != nil {
				return err
			}
			o := &jsonVerify{Versions: []jsonVerified{}, Notes: []string{}}
			if cfg.Only != nil && len(cfg.Only) == 0 {
				t.say("nothing to verify: no file of %s changed since %s", cfg.Dir.Label, c.String("since"))
				return t.finish(o)
			}
			report, err := proof.Verify(c.Context, cfg)
			t.live.Clear()
			if c.Context.Err() != nil {
				err = context.Cause(c.Context)
			}
			o.fill(report)
			if err != nil {
				return t.failWith(o, err)
			}
			return t.failWith(o, t.verified(c, report))
		},
	}
}

// verifyConfig is what the flags ask for.
func (t *terminal) verifyConfig(c *ucli.Context) (cfg proof.VerifyConfig, err error) {
	if cfg.Dir, err = t.load(c); err != nil {
		return cfg, err
	}
	if err := errors.Join(cfg.Dir.MustHaveFiles(), cfg.Dir.Bad()); err != nil {
		return cfg, err
	}
	t.warnFiles(cfg.Dir, false)
	cfg.Jobs, cfg.Dump, cfg.Progress = cmdline.GetNumber(c, "jobs"), c.Bool("dump"), t.verifyProgress
	cfg.Runner = runner.Config{
		HistorySchema: c.String("history-schema"), LockTimeout: zeroIsNone(cmdline.GetDuration(c, "lock-timeout")),
		LockRetries: zeroIsNone(cmdline.GetNumber(c, "lock-retries")), LockWait: zeroIsNone(cmdline.GetDuration(c, "lock-wait")),
		StatementTimeout: cmdline.GetDuration(c, "statement-timeout"), Version: version(),
	}
	if cfg.Seeds, cfg.AutoSeed, err = seeds(c.StringSlice("seed")); err != nil {
		return cfg, err
	}
	if from := c.String("from"); from != "" {
		v, err := runner.ParseVersion(from)
		if err != nil {
			return cfg, fault.Usagef("it is the number before the first underscore of the file name", "--from: %w", err)
		}
		cfg.From = &v
	}
	if cfg.Only, err = changedSince(c); err != nil {
		return cfg, err
	}
	cfg.Scratch.Conn, err = scratchFlag(c)
	return cfg, err
}

// changedSince lists the versions that --since names; nil without it.
func changedSince(c *ucli.Context) ([]runner.Version, error) {
	if c.String("since") == "" {
		return nil, nil
	}
	all := []runner.Version{} // none is not all
	for _, dir := range directories(c) {
		changed, err := proof.ChangedSince(c.Context, dir, c.String("since"), c.Bool("recursive"))
		if err != nil {
			return nil, err
		}
		all = append(all, changed...)
	}
	return all, nil
}

// seeds reads the values of --seed.
func seeds(values []string) (all []proof.Seed, auto bool, err error) {
	for _, value := range values {
		if value == "auto" {
			auto = true
			continue
		}
		found, err := proof.FindSeeds(value)
		if err != nil {
			return nil, false, err
		}
		all = append(all, found...)
	}
	return all, auto, nil
}

// verified prints the report and returns what its end is.
func (t *terminal) verified(c *ucli.Context, r *proof.VerifyReport) error {
	report := r.Text(t.verbose)
	if c.Bool("markdown") {
		report = r.Markdown()
	}
	for line := range strings.Lines(report) {
		t.say("%s", strings.TrimRight(line, "\n"))
	}
	if file := c.String("junit"); file != "" {
		var b bytes.Buffer
		err := r.JUnit(&b, c.Bool("strict"))
		if err == nil {
			err = replaceFile(file, b.Bytes())
		}
		if err != nil {
			return writeError(file, err)
		}
	}
	if r.Failure != nil {
		return r.Failure
	}
	if n := r.Failed(c.Bool("strict")); n > 0 {
		return fmt.Errorf("%d of %s failed: %w", n, show.Count(len(r.Versions), "version"), fault.ErrFound)
	}
	return nil
}

// verifyProgress tells of each version with --verbose. Else it draws how far it
// is, or says so now and then.
func (t *terminal) verifyProgress(p proof.VerifyProgress) {
	far := fmt.Sprintf("verified %d of %d versions", p.Done, p.Total)
	switch {
	case t.quiet:
	case t.logJSON && (t.verbose || t.beat.Due()):
		t.logger(slog.LevelInfo).Info(far, "event", "verified", "data", verifiedEvent(p))
	case t.logJSON:
	case t.verbose:
		fmt.Fprintln(t.err, show.Text("verified %s: %s", p.Result.Title, string(p.Result.Verdict)))
	case t.live.Draws():
		t.live.Draw(func(width int) string { return show.Fitted(width, far, p.Result.Title) })
	case t.beat.Due():
		fmt.Fprintln(t.err, far)
	}
}

func verifiedEvent(p proof.VerifyProgress) map[string]any {
	return map[string]any{"version": p.Result.Version, "name": p.Result.Name, "verdict": string(p.Result.Verdict), "done": p.Done, "of": p.Total}
}

// jsonVerify is the object of verify.
type jsonVerify struct {
	jsonResult
	Server     string         `json:"server"`
	Versions   []jsonVerified `json:"versions"`
	Notes      []string       `json:"notes"`
	DurationMS float64        `json:"duration_ms"`
}

type jsonVerified struct {
	Version    runner.Version  `json:"version"`
	Name       string          `json:"name"`
	File       string          `json:"file"`
	Verdict    proof.Verdict   `json:"verdict"`
	Reason     string          `json:"reason,omitempty"`
	Findings   []proof.Finding `json:"findings"`
	Dump       string          `json:"dump,omitempty"`
	DurationMS float64         `json:"duration_ms"`
}

func (o *jsonVerify) fill(r *proof.VerifyReport) {
	if r == nil {
		return
	}
	o.Server, o.Notes, o.DurationMS = r.Server, show.List(r.Notes), show.Millis(r.Took)
	for _, v := range r.Versions {
		o.Versions = append(o.Versions, jsonVerified{v.Version, v.Name, v.File, v.Verdict, v.Reason, show.List(v.Findings), v.Dump, show.Millis(v.Took)})
	}
}
