package cli

import (
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/show"
	"rung/runner"
)

func waitCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "wait",
		Usage: "wait for the server to answer",
		UsageText: cmdline.Examples(
			"rung wait --wait 5min", "wait 5 minutes at most",
		),
		Description: "Waits as long as --wait says, by default a minute. Exits 5 if the server never answers, and at once if it refuses (a wrong password, an unknown database).",
		Before: func(c *ucli.Context) error {
			if c.IsSet("wait") {
				return nil
			}
			return c.Set("wait", "1m")
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			r, err := t.newRunner(c, runner.Config{})
			if err != nil {
				return err
			}
			start := time.Now()
			if err := r.WaitForServer(c.Context); err != nil {
				return err
			}
			t.say("the server answers")
			return t.finish(&jsonWait{WaitedMS: show.Millis(time.Since(start))})
		},
	}
}

type jsonWait struct {
	jsonResult
	WaitedMS float64 `json:"waited_ms"`
}
