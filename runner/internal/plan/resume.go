package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rung/internal/english"
	"rung/runner/internal/files"
)

// A file that is in place in part may be fixed before it goes on, and a fix
// may renumber its steps. So a step that is not done is known by its checksum:
// its checkpoint and its committed batches go where the statement has gone.

// Fit is how the checkpoints of a migration in part lie on its file as it is now.
type Fit struct {
	version   files.Version
	name      string
	script    *files.Script
	direction files.Direction
	// done is how many steps ran.
	done int
	// Rows are the checkpoints by the file's numbers.
	Rows map[int]StepRow
	// Moves change the history's step numbers and checksums to the file's.
	Moves []StepMove
	// Edited are steps that ran, or may have, and that the file has otherwise.
	Edited []int
	// lost is a step with committed batches that are of no batch of the file, or 0.
	lost int
	was  map[int]StepRow // by the history's numbers
}

// StepMove is a checkpoint that gets another number or another checksum. To is
// 0 for a step that failed and is out of the file.
type StepMove struct {
	From, To int
	Was, Now string // checksums
	State    string
}

// fitSteps lays the history on a script that is in place in part.
func fitSteps(s *files.Script, v files.Version, name string, dir files.Direction, r *Record) Fit {
	f := Fit{
		version: v, name: name, script: s.StepByStep(), direction: dir, done: DoneSteps(r, v, dir),
		Rows: map[int]StepRow{}, was: r.stepsOf(v, dir),
	}
	var undone []int
	for n, row := range f.was {
		if n > f.done {
			undone = append(undone, n)
		} else if f.Rows[n] = row; f.Checksum(n) != row.Checksum {
			f.Edited = append(f.Edited, n)
		}
	}
	slices.Sort(undone)
	f.place(undone, r.UpSQL[v])
	slices.Sort(f.Edited)
	return f
}

// Checksum is that of a step of the file, or "".
func (f *Fit) Checksum(n int) string {
	if n < 1 || n > len(f.script.Steps) {
		return ""
	}
	return f.script.Steps[n-1].Checksum
}

// place finds the steps of the file that the checkpoints which are not done
// belong to, the surest first: the same statement at the same number, the same
// one elsewhere, the batch that was fixed. Recorded is the up SQL recorded.
func (f *Fit) place(undone []int, recorded string) {
	rules := []func(n int, row StepRow) int{
		func(n int, row StepRow) int { return f.free(n, f.Checksum(n) == row.Checksum) },
		func(_ int, row StepRow) int { return f.sameElsewhere(row) },
		func(n int, row StepRow) int { return f.fixedBatch(n, row, recorded) },
	}
	for _, rule := range rules {
		undone = slices.DeleteFunc(undone, func(n int) bool {
			to := rule(n, f.was[n])
			if to > 0 {
				f.put(n, to)
			}
			return to > 0
		})
	}
	for _, n := range undone {
		switch row := f.was[n]; {
		case row.Batches > 0:
			if f.lost == 0 {
				f.lost = n
			}
		case row.State == "started": // whether it succeeded only its own statement can tell
			f.Edited = append(f.Edited, n)
		default:
			f.put(n, f.free(n, n <= len(f.script.Steps)))
		}
	}
}

// free is n where the condition holds and no other checkpoint is there.
func (f *Fit) free(n int, ok bool) int {
	if _, taken := f.Rows[n]; taken || !ok {
		return 0
	}
	return n
}

func (f *Fit) sameElsewhere(row StepRow) int {
	for m := f.done + 1; m <= len(f.script.Steps); m++ {
		if f.free(m, f.Checksum(m) == row.Checksum) > 0 {
			return m
		}
	}
	return 0
}

// fixedBatch is the one batch of the file that can be the fixed form of a
// half-run one: over the same key, and not in the file of which it is the fix.
// With that file not at hand it has to stand where the half-run one did, alone
// over its key.
func (f *Fit) fixedBatch(n int, row StepRow, recorded string) int {
	if row.Batches == 0 {
		return 0
	}
	known := f.knownSteps(recorded)
	var found []int
	for m := f.done + 1; m <= len(f.script.Steps); m++ {
		step := f.script.Steps[m-1]
		if step.Batch != nil && step.Batch.MayBe(row.BatchKey) && f.free(m, !known[step.Checksum]) > 0 {
			found = append(found, m)
		}
	}
	if len(found) == 1 && (known != nil || found[0] == n) {
		return found[0]
	}
	return 0
}

// knownSteps are the checksums of the steps that the recorded file had; nil
// where it is not at hand.
func (f *Fit) knownSteps(recorded string) map[string]bool {
	if f.direction != files.Up || recorded == "" {
		return nil
	}
	s, err := files.RecordedScript("the recorded file", recorded)
	if err != nil {
		return nil
	}
	known := map[string]bool{}
	for _, step := range s.StepByStep().Steps {
		known[step.Checksum] = true
	}
	return known
}

// put gives a checkpoint its place in the file; to is 0 for none.
func (f *Fit) put(n, to int) {
	row := f.was[n]
	move := StepMove{From: n, To: to, Was: row.Checksum, Now: row.Checksum, State: row.State}
	if to > 0 {
		row.Checksum = f.Checksum(to)
		move.Now = row.Checksum
		f.Rows[to] = row
	}
	if to != n || move.Now != move.Was {
		f.Moves = append(f.Moves, move)
	}
}

// RefusalError is the reason why the file cannot go on, if there is one.
func (f *Fit) RefusalError() (Finding, bool) {
	found := Finding{Kind: EditedStep, Version: f.version, Name: f.name, File: f.script.Path, Fix: "restore it"}
	switch {
	case len(f.Edited) > 0:
		n, how := f.Edited[0], "edited"
		if n > len(f.script.Steps) {
			how = "taken out"
		}
		found.What = fmt.Sprintf("step %d was %s after it had run; only what has not run yet may be fixed", n, how)
	case f.lost > 0:
		found.What = f.lostBatches()
		found.Fix = "restore the statement as it ran (at any place in the file), or revert the migration with `rung down` first"
	default:
		return found, false
	}
	return found, true
}

// unacceptable says why the edited steps cannot pass for those which ran, as
// repair would have it; "" if they can. The next up goes by their number: one
// that only stands elsewhere now would run twice, and what has its number never.
func (f *Fit) unacceptable() string {
	now := len(f.script.Steps)
	switch {
	case f.done > now:
		return fmt.Sprintf("%s ran, and the file has %d now, so which of them ran is unknown", english.Count(f.done, "step"), now)
	case f.lost > 0:
		return f.lostBatches()
	}
	for _, n := range f.Edited {
		if n > now || n > f.done && f.free(n, true) == 0 {
			return fmt.Sprintf("step %d may have run, and is no longer in the file", n)
		}
		for m := 1; m <= now; m++ {
			if f.Checksum(m) == f.was[n].Checksum && f.was[m].Checksum != f.Checksum(m) {
				return fmt.Sprintf("what ran as step %d is now step %d, and would run again", n, m)
			}
		}
	}
	return ""
}

// lostBatches says whose committed batches have no place in the file.
func (f *Fit) lostBatches() string {
	row := f.was[f.lost]
	over := ""
	if row.BatchKey != "" {
		over = " over " + row.BatchKey
	}
	return fmt.Sprintf("%s of the former step %d committed%s, and the file does not say which batch resumes after them", english.Count(row.Batches, "batch"), f.lost, over)
}

// ran says how far the migration is: in the file's numbers where all of it has
// a place there.
func (f *Fit) ran() string {
	if f.lost > 0 || len(f.Edited) > 0 {
		return ranText(f.done, f.was)
	}
	return ranText(f.done, f.Rows)
}

// ranOnRecord says the same in the history's numbers.
func ranOnRecord(r *Record, v files.Version, dir files.Direction) string {
	return ranText(DoneSteps(r, v, dir), r.stepsOf(v, dir))
}

func (r *Record) stepsOf(v files.Version, dir files.Direction) map[int]StepRow {
	rows := map[int]StepRow{}
	for k, row := range r.Steps {
		if k.Version == v && k.Direction == dir {
			rows[k.Step] = row
		}
	}
	return rows
}

// StepsFrom are the checkpoints of step n of an action and those behind it.
func (r *Record) StepsFrom(a Action, n int) map[int]StepRow {
	rows := r.stepsOf(a.Version, a.Direction)
	maps.DeleteFunc(rows, func(step int, _ StepRow) bool { return step <= n })
	return rows
}

func ranText(done int, rows map[int]StepRow) string {
	var all []string
	if done > 0 {
		all = append(all, english.Count(done, "step"))
	}
	if note := BatchesIn(rows); note != "" {
		all = append(all, note)
	}
	if len(all) > 0 {
		return strings.Join(all, " and ") + " ran"
	}
	begun := slices.Sorted(maps.Keys(rows))
	if len(begun) == 0 {
		return "no step is done"
	}
	return fmt.Sprintf("step %d has begun", begun[0])
}

// BatchesIn counts the committed batches of the steps that are not done.
func BatchesIn(rows map[int]StepRow) string {
	var steps []int
	for n, row := range rows {
		if row.State != "done" && row.Batches > 0 {
			steps = append(steps, n)
		}
	}
	slices.Sort(steps)
	var all []string
	for _, n := range steps {
		all = append(all, fmt.Sprintf("%s of step %d", english.Count(rows[n].Batches, "batch"), n))
	}
	return strings.Join(all, " and ")
}

// What a fixed file changes in the history before it goes on.

// Fixed reports whether the history has another text of the file.
func (a Action) Fixed() bool {
	return a.Fit != nil && (len(a.Fit.Moves) > 0 || a.Direction == files.Up && a.Row.UpChecksum != a.Script.Checksum)
}

// StoredStep is the number that the history has for step n until it follows.
func (a Action) StoredStep(n int) int {
	if a.Fit != nil {
		for _, m := range a.Fit.Moves {
			if m.To == n+1 {
				return m.From
			}
		}
	}
	return n + 1
}
