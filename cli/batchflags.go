package cli

import (
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/runner"
)

// batchOptions are the flags that override the options of the same names of
// every `-- rung:batch`.
var batchOptions = []struct{ name, usage string }{
	{"rows", "start each backfill with batches of `N` rows"},
	{"target", "the `TIME` that a batch should take; rung adapts its size"},
	{"workers", "run `N` batches at a time"},
	{"pause", "pause for `TIME` after each batch"},
	{"max-lag", "wait while a replica lags more than `TIME`"},
	{"vacuum", "vacuum between batches: auto, off, or after every `N`"},
}

func batchFlags() (flags []ucli.Flag) {
	for _, o := range batchOptions {
		flags = append(flags, &ucli.StringFlag{Name: o.name, Usage: o.usage, Category: "backfills, instead of what the file says:"})
	}
	return flags
}

// batchOverride reads them, of a command that has them.
func batchOverride(c *ucli.Context) (*runner.BatchOverride, error) {
	var given runner.BatchOverride
	if c.Command.Name != "up" && c.Command.Name != "down" && c.Command.Name != "work" {
		return &given, nil
	}
	for _, o := range batchOptions {
		if value := c.String(o.name); value != "" {
			if err := given.Set(o.name, value); err != nil {
				return nil, fault.Usagef("", "--%w", err)
			}
		}
	}
	return &given, nil
}
