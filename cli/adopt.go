package cli

import (
	"fmt"
	"slices"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/adopt"
	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

func adoptCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "adopt",
		Usage: "record as applied what another tool's history says was applied",
		UsageText: cmdline.Examples(
			"rung adopt --dry-run", "print what would be recorded",
			"rung adopt --from goose", "take over the history that goose keeps",
		),
		Description: "Reads the history that golang-migrate, goose, dbmate, Flyway, tern, node-pg-migrate, Prisma, sqlx, Rails, diesel, sqitch, Supabase or another tool keeps in the database, finds the files of it in --dir, and records them with their origin and the time when they ran. If that history leaves a version open, it lists it and records nothing until --as-applied or --as-pending answers. Runs nothing, and leaves the other tool's table as it is.",
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "from", Usage: "the `TOOL` whose history it is, if the database has several"},
			&ucli.StringFlag{Name: "table", Usage: "the `TABLE` of that history, as name or schema.name, if it is not the tool's default; with --from"},
			&ucli.BoolFlag{Name: "dry-run", Usage: "print what would be recorded, and write nothing"},
			&ucli.StringSliceFlag{Name: "as-applied", Usage: "this `VERSION` is applied, whatever the other history says; may be given several times"},
			&ucli.StringSliceFlag{Name: "as-pending", Usage: "this `VERSION` is not applied; may be given several times"},
			&ucli.StringFlag{Name: "assume-timezone", Usage: "the time `ZONE` of the other history's times that have none (without it: the session's)"},
			noteFlag(),
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			req := adopt.Request{
				From: c.String("from"), Table: c.String("table"), DryRun: c.Bool("dry-run"),
				AsApplied: c.StringSlice("as-applied"), AsPending: c.StringSlice("as-pending"), TimeZone: c.String("assume-timezone"),
			}
			for _, v := range req.AsApplied {
				if slices.Contains(req.AsPending, v) {
					return fault.Usagef("give only one of them", "version %s is given --as-applied and --as-pending", v)
				}
			}
			r, err := t.open(c)
			if err != nil {
				return err
			}
			res, err := adopt.Run(c.Context, r, req)
			return t.adopted(res, req.DryRun, err)
		},
	}
}

// adopted prints what was adopted, also beside an error.
func (t *terminal) adopted(res *adopt.Result, dry bool, err error) error {
	o := &jsonAdopt{Tool: res.Tool, Table: res.Table, DryRun: dry, Adopted: []jsonAdopted{}, Already: res.Already, Ignored: show.List(res.Ignored), Warnings: show.List(t.warnings)}
	if err == nil {
		t.say("the history of %s, in %s", res.Tool, res.Table)
	}
	for _, a := range res.Taken {
		row := jsonAdopted{Version: a.Version, Name: a.Name, Checksum: a.Checksum, PendingAgain: a.Pending}
		if !a.At.IsZero() {
			row.RanAt = &a.At
		}
		o.Adopted = append(o.Adopted, row)
		t.say("%s: %s", a.Title, adoptedText(a, dry))
	}
	if err == nil {
		for _, name := range res.Ignored {
			t.say("%s is ignored: it has no version, and rung does not run files repeatedly", name)
		}
		t.say("%s", adoptedSummary(res, dry))
	}
	return t.failWith(o, err)
}

// adoptedText says what happened to one version.
func adoptedText(a adopt.Taken, dry bool) string {
	what := "recorded as applied"
	if a.Pending {
		what = "pending again"
	}
	if dry {
		what = "would be " + what
	}
	if !a.At.IsZero() {
		what += ", ran " + a.At.Local().Format(show.TimeLayout)
	}
	return what
}

func adoptedSummary(res *adopt.Result, dry bool) string {
	verb := "adopted"
	if dry {
		verb = "would adopt"
	}
	s := fmt.Sprintf("%s %d", verb, len(res.Taken))
	if len(res.Taken) == 0 {
		s = "nothing to adopt"
	}
	if res.Already > 0 {
		s += fmt.Sprintf(", %d recorded before", res.Already)
	}
	return s
}

type jsonAdopt struct {
	jsonResult
	Tool     string           `json:"tool"`
	Table    string           `json:"table"`
	DryRun   bool             `json:"dry_run"`
	Adopted  []jsonAdopted    `json:"adopted"`
	Already  int              `json:"already"`
	Ignored  []string         `json:"ignored"`
	Warnings []runner.Problem `json:"warnings"`
}

type jsonAdopted struct {
	Version  runner.Version `json:"version"`
	Name     string         `json:"name"`
	RanAt    *time.Time     `json:"ran_at"`
	Checksum string         `json:"checksum"`
	// PendingAgain is true where it was adopted before, and reverted there since.
	PendingAgain bool `json:"pending_again"`
}
