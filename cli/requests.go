package cli

import (
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/runner"
)

// upFlags are those that up and plan share.
func upFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "to", Usage: "stop after `VERSION`"},
		cmdline.NumberFlag("steps", 0, "run at most `N` migrations"),
		&ucli.BoolFlag{Name: "single-transaction", Usage: "run all pending files as one transaction"},
		&ucli.BoolFlag{Name: "no-batches", Usage: "stop before the first file that has a batch to run; exits 6 if files stay pending"},
		&ucli.BoolFlag{Name: "allow-out-of-order", Usage: "run pending files below the highest applied version too"},
		&ucli.BoolFlag{Name: "beside-other-history", Usage: "run even if the database has no history of rung's but another tool's, or tables that the first file creates"},
		&ucli.BoolFlag{Name: "strict", Usage: "refuse instead of warning: a database ahead of the directory, an edited down file, a renamed file"},
	}
}

// downFlags are those that down and plan --down share.
func downFlags() []ucli.Flag {
	return append([]ucli.Flag{
		&ucli.StringFlag{Name: "to", Usage: "revert what is above `VERSION`; 0 reverts all"},
		cmdline.NumberFlag("steps", 0, "revert `N` migrations (default 1)"),
	}, chooseFlags()...)
}

// runFlag is of down and of plan --down.
func runFlag() ucli.Flag {
	return &ucli.StringFlag{Name: "run", Usage: "revert exactly what the run of that `ID` applied, which `rung history` and the end of an up over many targets name"}
}

func chooseFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.BoolFlag{Name: "recorded", Usage: "if the down file and the recorded SQL differ, run the recorded SQL"},
		&ucli.BoolFlag{Name: "file", Usage: "if they differ, run the file"},
		&ucli.BoolFlag{Name: "no-recorded", Usage: "never run recorded SQL: refuse if the file is missing"},
	}
}

func upRequest(c *ucli.Context) (req runner.UpRequest, err error) {
	req.Request, err = request(c)
	req.Together = c.Bool("single-transaction")
	req.AllowOutOfOrder = c.Bool("allow-out-of-order")
	req.Strict = c.Bool("strict")
	req.BesideOther = c.Bool("beside-other-history")
	req.NoBatches = c.Bool("no-batches")
	return req, err
}

func downRequest(c *ucli.Context) (runner.Request, error) {
	req, err := request(c)
	req.Run = c.String("run")
	req.NoRecorded = c.Bool("no-recorded")
	recorded, file := c.Bool("recorded"), c.Bool("file")
	switch {
	case recorded:
		req.DownFrom = runner.FromRecorded
	case file:
		req.DownFrom = runner.FromFile
	}
	switch {
	case err != nil:
	case req.Run != "" && (req.To != nil || req.Steps > 0):
		err = fault.Usagef("", "--run says what to revert, so --to and --steps have no place beside it")
	case recorded && file:
		err = fault.Usagef("", "--recorded and --file exclude each other")
	case recorded && req.NoRecorded:
		err = fault.Usagef("", "--recorded and --no-recorded exclude each other")
	}
	return req, err
}

// request reads --to and --steps.
func request(c *ucli.Context) (req runner.Request, err error) {
	if req.Steps = cmdline.GetNumber(c, "steps"); c.IsSet("steps") && req.Steps < 1 {
		return req, fault.Usagef("", "--steps takes a number above 0")
	}
	if to := c.String("to"); to != "" {
		v, err := runner.ParseVersion(to)
		if err != nil {
			return req, fault.Usagef("it is the number before the first underscore of the file name", "--to: %w", err)
		}
		req.To = &v
	}
	return req, nil
}
