package cli

import (
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
)

func downCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "down",
		Usage: "revert, by default the newest migration",
		UsageText: cmdline.Examples(
			"rung down", "revert the newest migration",
			"rung down --to 41", "revert all that is above version 41",
		),
		Description: "Runs the down file if it is the recorded one, and the recorded down SQL if the directory lacks the file, so an older image can revert too. If the two differ, it refuses (exit 3) unless --recorded or --file says which. A migration that is irreversible or has no down migration is refused (exit 2) before anything runs.",
		Flags: append(append(downFlags(), batchFlags()...), noteFlag(), runFlag(),
			&ucli.BoolFlag{Name: "yes", Usage: "with --to 0: confirm that everything is to be reverted"},
		),
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			req, err := downRequest(c)
			if err != nil {
				return err
			}
			if req.To != nil && *req.To == "0" && !c.Bool("yes") {
				return fault.Usagef("add --yes, or name the version to stop at", "--to 0 reverts every migration")
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
		Name:  "redo",
		Usage: "revert the newest migration and apply it again",
		UsageText: cmdline.Examples(
			"rung redo", "revert the newest migration and apply its file as it is now",
		),
		Description: "For a migration that you are writing: after an edit of the up file, redo reverts what ran and applies the file as it is now.",
		Flags:       append(chooseFlags(), noteFlag()),
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
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
