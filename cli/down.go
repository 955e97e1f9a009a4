package cli

import (
	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

func downCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "down",
		Usage:       "revert, by default the newest migration",
		Description: "Runs the down file if it is the recorded one, and the recorded down SQL if the directory lacks the file, so an older image can revert too. If the two differ, it refuses (exit 3) unless --recorded or --file says which. A migration that is irreversible or has no down migration is refused (exit 2) before anything runs.",
		Flags: append(append(downFlags(), batchFlags()...), noteFlag(), runFlag(),
			&ucli.BoolFlag{Name: "yes", Usage: "with --to 0: confirm that everything is to be reverted"},
		),
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			req, err := downRequest(c)
			if err != nil {
				return err
			}
			if req.To != nil && *req.To == "0" && !c.Bool("yes") {
				return usagef("add --yes, or name the version to stop at", "--to 0 reverts every migration")
			}
			r, err := t.open(c)
			if err != nil {
				return err
			}
			rep, err := r.Down(c.Context, req)
			return t.report("down", req, rep, err)
		},
	}
}

func redoCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "redo",
		Usage:       "revert the newest migration and apply it again",
		Description: "For a migration that you are writing: after an edit of the up file, redo reverts what ran and applies the file as it is now.",
		Flags:       append(chooseFlags(), noteFlag()),
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			req, err := downRequest(c)
			if err != nil {
				return err
			}
			r, err := t.open(c)
			if err != nil {
				return err
			}
			rep, err := r.Redo(c.Context, req)
			return t.report("redo", req, rep, err)
		},
	}
}

// downFlags are those that down and plan --down share.
func downFlags() []ucli.Flag {
	return append([]ucli.Flag{
		&ucli.StringFlag{Name: "to", Usage: "revert what is above `VERSION`; 0 reverts all"},
		numberFlag("steps", 0, "revert `N` migrations (default 1)"),
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

func downRequest(c *ucli.Context) (runner.Request, error) {
	req, err := request(c)
	req.Run = c.String("run")
	req.Recorded, req.File, req.NoRecorded = c.Bool("recorded"), c.Bool("file"), c.Bool("no-recorded")
	switch {
	case err != nil:
	case req.Run != "" && (req.To != nil || req.Steps > 0):
		err = usagef("", "--run says what to revert, so --to and --steps have no place beside it")
	case req.Recorded && req.File:
		err = usagef("", "--recorded and --file exclude each other")
	case req.Recorded && req.NoRecorded:
		err = usagef("", "--recorded and --no-recorded exclude each other")
	}
	return req, err
}
