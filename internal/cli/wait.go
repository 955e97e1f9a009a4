package cli

import (
	"time"

	ucli "github.com/urfave/cli/v2"
)

func waitCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "wait",
		Usage:       "wait for the server to answer",
		Description: "Waits for as long as --wait says, by default a minute; exit 5 if it never answers.",
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if !c.IsSet("wait") {
				if err := c.Set("wait", "1m"); err != nil {
					return err
				}
			}
			r, err := t.newRunner(c, nil)
			if err != nil {
				return err
			}
			start := time.Now()
			if err := r.WaitForServer(c.Context); err != nil {
				return err
			}
			t.say("the server answers")
			return t.finish(&jsonWait{WaitedMS: time.Since(start).Milliseconds()})
		},
	}
}

type jsonWait struct {
	jsonResult
	WaitedMS int64 `json:"waited_ms"`
}
