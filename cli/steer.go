package cli

import (
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/runner"
)

// The commands that steer a backfill which another session runs. It heeds
// them before its next batch.

func pauseCommand(t *terminal) *ucli.Command {
	return steerCommand(t, "pause", "pause a running backfill until `rung resume`", cmdline.Examples("rung pause", "pause the backfill that is running", "rung pause 42", "pause that of version 42"),
		"Takes effect before the next batch, and lasts across restarts. A paused backfill holds no lock and no transaction.",
		nil, func(c *ucli.Context, r *runner.Runner, version *runner.Version) (*runner.Progress, error) {
			return r.Pause(c.Context, version)
		})
}

func resumeCommand(t *terminal) *ucli.Command {
	return steerCommand(t, "resume", "continue a paused backfill", cmdline.Examples("rung resume", "continue the backfill that is paused"),
		"A waiting `rung up` continues by itself. If none waits, run it.",
		nil, func(c *ucli.Context, r *runner.Runner, version *runner.Version) (*runner.Progress, error) {
			return r.Resume(c.Context, version)
		})
}

func tuneCommand(t *terminal) *ucli.Command {
	flags := []ucli.Flag{
		cmdline.NumberFlag("rows", 0, "make the next batch `N` rows; then rung adapts the size to the target"),
		cmdline.DurationFlag("target", 0, "the `TIME` that a batch should take"),
		cmdline.DurationFlag("pause", 0, "pause for `TIME` after each batch"),
		cmdline.NumberFlag("workers", 0, "run `N` batches at a time"),
	}
	return steerCommand(t, "tune", "change a running backfill", cmdline.Examples("rung tune --workers 1 --pause 500ms", "slow it down"),
		"Takes effect before the next batch, and lasts across restarts.", flags,
		func(c *ucli.Context, r *runner.Runner, version *runner.Version) (*runner.Progress, error) {
			change, err := tuning(c)
			if err != nil {
				return nil, err
			}
			return r.Tune(c.Context, version, change)
		})
}

// tuning reads tune's flags; those not given stay as they are.
func tuning(c *ucli.Context) (tn runner.Tuning, err error) {
	number := func(name string) *int {
		if !c.IsSet(name) {
			return nil
		}
		n := cmdline.GetNumber(c, name)
		if n < 1 {
			err = fault.Usagef("", "--%s takes a number above 0", name)
		}
		return &n
	}
	length := func(name string) *time.Duration {
		if !c.IsSet(name) {
			return nil
		}
		d := cmdline.GetDuration(c, name)
		return &d
	}
	tn = runner.Tuning{Rows: number("rows"), Workers: number("workers"), Target: length("target"), Pause: length("pause")}
	switch {
	case err != nil:
	case tn.Target != nil && *tn.Target == 0:
		err = fault.Usagef("", "--target takes a time above 0")
	case tn == runner.Tuning{}:
		err = fault.Usagef("it takes --rows, --target, --pause and --workers", "tune needs something to change")
	}
	return tn, err
}

func steerCommand(t *terminal, name, usage, examples, description string, flags []ucli.Flag, do func(*ucli.Context, *runner.Runner, *runner.Version) (*runner.Progress, error)) *ucli.Command {
	return &ucli.Command{
		Name: name, Usage: usage, UsageText: examples, ArgsUsage: "[VERSION]", Description: description, Flags: flags,
		Action: func(c *ucli.Context) error {
			version, err := oneVersion(c)
			if err != nil {
				return err
			}
			r, err := t.newRunner(c, runner.Config{})
			if err != nil {
				return err
			}
			p, err := do(c, r, version)
			if err != nil {
				return err
			}
			done := map[string]string{"pause": "paused", "resume": "resumed", "tune": "tuned"}[name]
			t.say("%s the backfill of version %s: %s", done, p.Version, events.ProgressText(*p))
			return t.finish(&jsonSteer{Command: name, Backfill: events.BackfillOf(*p)})
		},
	}
}

func oneVersion(c *ucli.Context) (*runner.Version, error) {
	if !c.Args().Present() {
		return nil, nil
	}
	v, err := runner.ParseVersion(c.Args().First())
	if err != nil || c.Args().Len() > 1 {
		return nil, fault.Usagef("it is the number before the first underscore of the file name", "%s takes one version", c.Command.Name)
	}
	return &v, nil
}

type jsonSteer struct {
	jsonResult
	Command  string          `json:"command"`
	Backfill events.Backfill `json:"backfill"`
}
