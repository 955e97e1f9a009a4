package cli

import (
	"fmt"
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

// The commands that write or read the history without running a file.

func baselineCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "baseline",
		Usage: "record migrations as applied without running them",
		UsageText: cmdline.Examples(
			"rung baseline --to 42", "record all up to version 42 as applied",
		),
		Description: "For a database that already has those changes, made by hand or by another tool. Versions that are recorded already stay unchanged. Runs nothing.",
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "to", Usage: "the newest `VERSION` that the database has already"},
			noteFlag(),
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			req, err := request(c)
			if err != nil {
				return err
			}
			if req.To == nil {
				return fault.Usagef("name the newest version that the database has already: --to VERSION", "baseline needs --to")
			}
			r, err := t.open(c)
			if err != nil {
				return err
			}
			rep, err := r.Baseline(c.Context, *req.To)
			return t.accepted(rep, err, "nothing to do: every version is recorded already")
		},
	}
}

func repairCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "repair",
		Usage: "accept changed files: record their checksums, SQL and names as they are now",
		UsageText: cmdline.Examples(
			"rung repair", "accept every edited or renamed file",
			"rung repair 42 --note OPS-7", "accept those of version 42; the history keeps the note",
		),
		ArgsUsage:   "[VERSION ...]",
		Description: "For a change that has no effect on the database: a comment, a blank, a name. Without a VERSION it accepts every edited or renamed file that `rung status` lists. A down file that was written after its version was applied is recorded too. Runs nothing.",
		Flags:       []ucli.Flag{noteFlag()},
		Action: func(c *ucli.Context) error {
			var versions []runner.Version
			for _, arg := range c.Args().Slice() {
				v, err := runner.ParseVersion(arg)
				if err != nil {
					return fault.Usagef("it is the number before the first underscore of the file name", "repair: %w", err)
				}
				versions = append(versions, v)
			}
			r, err := t.open(c)
			if err != nil {
				return err
			}
			rep, err := r.Repair(c.Context, versions)
			return t.accepted(rep, err, "nothing to do: the files are as recorded")
		},
	}
}

func (t *terminal) accepted(rep *runner.Report, err error, nothing string) error {
	o := &jsonAccepted{Accepted: []jsonAcceptedRow{}, Warnings: show.List(t.warnings)}
	for _, a := range rep.Accepted {
		o.Accepted = append(o.Accepted, jsonAcceptedRow{a.Version, a.Name, a.What})
		t.say("%s: %s", a.Title, acceptedText(a.What))
	}
	o.Restored = rep.Restored
	if rep.Restored {
		t.say("the history tables are complete again")
	}
	if err == nil && len(rep.Accepted) == 0 && !rep.Restored {
		t.say("%s", nothing)
	}
	return t.failWith(o, err)
}

// acceptedText says what baseline or repair wrote down.
func acceptedText(what []string) string {
	texts := map[string]string{
		"baseline": "recorded as applied", string(runner.EditedUp): "accepted the edited up file",
		string(runner.EditedDown): "accepted the edited down file", string(runner.EditedStep): "accepted the edited steps",
		string(runner.Renamed): "accepted the new name", string(runner.AddedDown): "recorded the down file that was written later",
	}
	var all []string
	for _, w := range what {
		all = append(all, texts[w])
	}
	return strings.Join(all, ", ")
}

type jsonAccepted struct {
	jsonResult
	Accepted []jsonAcceptedRow `json:"accepted"`
	// Restored is true where the history tables were given back what they lacked.
	Restored bool             `json:"restored"`
	Warnings []runner.Problem `json:"warnings"`
}

type jsonAcceptedRow struct {
	Version runner.Version `json:"version"`
	Name    string         `json:"name"`
	What    []string       `json:"what"`
}

func historyCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "history",
		Usage: "show the log: every up, down, baseline and repair, and every attempt that failed",
		UsageText: cmdline.Examples(
			"rung history --limit 20", "show the newest 20 entries",
			"rung history --json", "print all entries, with user, host and CI job",
		),
		Description: "The oldest entry comes first. Entries of reverted migrations stay: a trigger keeps entries from being changed or deleted. --json also has the operating system's user, the host and the CI job.",
		Flags: []ucli.Flag{
			cmdline.NumberFlag("limit", 0, "show only the newest `N` entries"),
			timelineFlag(),
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			r, err := t.newRunner(c, runner.Config{})
			if err != nil {
				return err
			}
			log, err := r.History(c.Context, cmdline.GetNumber(c, "limit"))
			if err != nil {
				return err
			}
			if err := t.writeTimeline(c, r); err != nil {
				return err
			}
			t.historyText(log, asWritten(c))
			return t.finish(historyJSON(log))
		},
	}
}

// asWritten gives versions back the zeros that the directory's file names have.
// The log is shown without a directory too, and beside one with mistakes in it.
func asWritten(c *ucli.Context) func(runner.Version) string {
	d, err := loadDirectories(c)
	if err != nil {
		d = &runner.Directory{}
	}
	return func(v runner.Version) string {
		number, _, _ := strings.Cut(d.Title(v, ""), "_")
		return number
	}
}

func (t *terminal) historyText(log []runner.LogEntry, asWritten func(runner.Version) string) {
	rows := [][]string{{"AT", "BY", "ACTION", "MIGRATION", "  TOOK", "CHECKSUM", "NOTE"}}
	for _, e := range log {
		took := ""
		if e.Duration > 0 {
			took = fmt.Sprintf("%6s", show.Short(e.Duration))
		}
		rows = append(rows, []string{
			e.At.Local().Format(show.TimeLayout), e.Actor, e.Action, asWritten(e.Version) + "_" + e.Name, took, show.Clip(e.Checksum, 13), noteText(e),
		})
	}
	if len(log) == 0 {
		t.say("nothing has run yet")
		return
	}
	t.sayTable(rows)
}

// noteText is what an entry says beside its columns.
func noteText(e runner.LogEntry) string {
	switch {
	case e.Failure == nil:
		return e.Note
	case e.Note == "":
		return e.Failure.String()
	}
	return e.Note + "; " + e.Failure.String()
}

type jsonHistory struct {
	jsonResult
	Entries []jsonEntry `json:"entries"`
}

type jsonEntry struct {
	ID          int64          `json:"id"`
	At          time.Time      `json:"at"`
	Actor       string         `json:"actor"`
	Action      string         `json:"action"`
	Version     runner.Version `json:"version"`
	Name        string         `json:"name"`
	Checksum    string         `json:"checksum"`
	DurationMS  float64        `json:"duration_ms"`
	Run         string         `json:"run"`
	RungVersion string         `json:"rung_version"`
	Note        string         `json:"note"`
	Role        string         `json:"role"`
	OSUser      string         `json:"os_user"`
	Host        string         `json:"host"`
	Job         string         `json:"job"`
	// Failure is what stopped the attempt, or null for what was done.
	Failure *runner.Failure `json:"failure"`
}

func historyJSON(log []runner.LogEntry) *jsonHistory {
	o := &jsonHistory{Entries: []jsonEntry{}}
	for _, e := range log {
		o.Entries = append(o.Entries, entryJSON(e))
	}
	return o
}

func entryJSON(e runner.LogEntry) jsonEntry {
	return jsonEntry{
		ID: e.ID, At: e.At, Actor: e.Actor, Action: e.Action, Version: e.Version, Name: e.Name, Checksum: e.Checksum, DurationMS: show.Millis(e.Duration),
		Run: e.Run, RungVersion: e.RungVersion, Note: e.Note, Role: e.Role, OSUser: e.OSUser, Host: e.Host, Job: e.Job, Failure: e.Failure,
	}
}
