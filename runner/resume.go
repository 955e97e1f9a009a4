package runner

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A file that is in place in part may be fixed before it goes on, and a fix
// may renumber its steps. So a step that is not done is known by its checksum:
// its checkpoint and its committed batches go where the statement has gone.

// fit is how the checkpoints of a migration in part lie on its file as it is now.
type fit struct {
	version   Version
	name      string
	script    *Script
	direction Direction
	// done is how many steps ran.
	done int
	// rows are the checkpoints by the file's numbers.
	rows map[int]StepRow
	// moves take the record from its numbers and checksums to the file's.
	moves []stepMove
	// edited are steps that ran, or may have, and that the file has otherwise.
	edited []int
	// lost is a step with committed batches that are of no batch of the file, or 0.
	lost int
	was  map[int]StepRow // by the record's numbers
}

// stepMove is a checkpoint that gets another number or another checksum. To is
// 0 for a step that failed and is out of the file.
type stepMove struct {
	from, to int
	was, now string // checksums
	state    string
}

// fitSteps lays the record on a script that is in place in part.
func fitSteps(s *Script, v Version, name string, dir Direction, r *Record) fit {
	f := fit{
		version: v, name: name, script: s.stepByStep(), direction: dir, done: doneSteps(r, v, dir),
		rows: map[int]StepRow{}, was: r.stepsOf(v, dir),
	}
	var undone []int
	for n, row := range f.was {
		if n > f.done {
			undone = append(undone, n)
		} else if f.rows[n] = row; f.checksum(n) != row.Checksum {
			f.edited = append(f.edited, n)
		}
	}
	slices.Sort(undone)
	f.place(undone, r.UpSQL[v])
	slices.Sort(f.edited)
	return f
}

// checksum is that of a step of the file, or "".
func (f *fit) checksum(n int) string {
	if n < 1 || n > len(f.script.Steps) {
		return ""
	}
	return f.script.Steps[n-1].Checksum
}

// place finds the steps of the file that the checkpoints which are not done
// belong to, the surest first: the same statement at the same number, the same
// one elsewhere, the batch that was fixed. Recorded is the up SQL on record.
func (f *fit) place(undone []int, recorded string) {
	rules := []func(n int, row StepRow) int{
		func(n int, row StepRow) int { return f.free(n, f.checksum(n) == row.Checksum) },
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
		case row.State == "started": // whether it got through only its own statement can tell
			f.edited = append(f.edited, n)
		default:
			f.put(n, f.free(n, n <= len(f.script.Steps)))
		}
	}
}

// free is n where the condition holds and no other checkpoint is there.
func (f *fit) free(n int, ok bool) int {
	if _, taken := f.rows[n]; taken || !ok {
		return 0
	}
	return n
}

func (f *fit) sameElsewhere(row StepRow) int {
	for m := f.done + 1; m <= len(f.script.Steps); m++ {
		if f.free(m, f.checksum(m) == row.Checksum) > 0 {
			return m
		}
	}
	return 0
}

// fixedBatch is the one batch of the file that can be the fixed form of a
// half-run one: over the same key, and not in the file of which it is the fix.
// With that file not at hand it has to stand where the half-run one did, alone
// over its key.
func (f *fit) fixedBatch(n int, row StepRow, recorded string) int {
	if row.Batches == 0 {
		return 0
	}
	known := f.knownSteps(recorded)
	var found []int
	for m := f.done + 1; m <= len(f.script.Steps); m++ {
		step := f.script.Steps[m-1]
		if step.Batch != nil && step.Batch.mayBe(row.BatchKey) && f.free(m, !known[step.Checksum]) > 0 {
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
func (f *fit) knownSteps(recorded string) map[string]bool {
	if f.direction != Up || recorded == "" {
		return nil
	}
	s, err := recordedScript("the recorded file", recorded)
	if err != nil {
		return nil
	}
	known := map[string]bool{}
	for _, step := range s.stepByStep().Steps {
		known[step.Checksum] = true
	}
	return known
}

// put gives a checkpoint its place in the file; to is 0 for none.
func (f *fit) put(n, to int) {
	row := f.was[n]
	move := stepMove{from: n, to: to, was: row.Checksum, now: row.Checksum, state: row.State}
	if to > 0 {
		row.Checksum = f.checksum(to)
		move.now = row.Checksum
		f.rows[to] = row
	}
	if to != n || move.now != move.was {
		f.moves = append(f.moves, move)
	}
}

// mayBe tells whether a batch can be over a key that is on record, such as
// "public.users (id)". What a name without a schema means shows only when it runs.
func (b *Batch) mayBe(recorded string) bool {
	table, ok := strings.CutSuffix(unquoted(recorded), unquoted(" ("+strings.Join(b.quotedColumns(), ", ")+")"))
	mine := unquoted(b.Table)
	return recorded == "" || ok && (table == mine || strings.HasSuffix(table, "."+mine))
}

// unquoted is a name as far as it tells two keys apart: the server and rung do
// not put the same names in quotes.
func unquoted(name string) string { return strings.ReplaceAll(name, `"`, "") }

// refusal is the reason why the file cannot go on, if there is one.
func (f *fit) refusal() (Finding, bool) {
	found := Finding{Kind: EditedStep, Version: f.version, Name: f.name, File: f.script.Path, Fix: "put it back"}
	switch {
	case len(f.edited) > 0:
		n, how := f.edited[0], "edited"
		if n > len(f.script.Steps) {
			how = "taken out"
		}
		found.What = fmt.Sprintf("step %d was %s after it had run; only what has not run yet may be fixed", n, how)
	case f.lost > 0:
		found.What = f.lostBatches()
		found.Fix = "put the statement back as it ran, wherever it belongs now, or take the migration back with `rung down` first"
	default:
		return found, false
	}
	return found, true
}

// unacceptable says why the edited steps cannot pass for those which ran, as
// repair would have it; "" if they can. The next up goes by their number: one
// that only stands elsewhere now would run twice, and what has its number never.
func (f *fit) unacceptable() string {
	now := len(f.script.Steps)
	switch {
	case f.done > now:
		return fmt.Sprintf("%s of it ran, and it has %d now, so which of them they were cannot be told", count(f.done, "step"), now)
	case f.lost > 0:
		return f.lostBatches()
	}
	for _, n := range f.edited {
		if n > now || n > f.done && f.free(n, true) == 0 {
			return fmt.Sprintf("step %d may have run, and is not in the file", n)
		}
		for m := 1; m <= now; m++ {
			if f.checksum(m) == f.was[n].Checksum && f.was[m].Checksum != f.checksum(m) {
				return fmt.Sprintf("what ran as step %d is step %d now, and would run again", n, m)
			}
		}
	}
	return ""
}

// lostBatches says whose committed batches have no place in the file.
func (f *fit) lostBatches() string {
	row := f.was[f.lost]
	over := ""
	if row.BatchKey != "" {
		over = " over " + row.BatchKey
	}
	return fmt.Sprintf("%s of what was step %d committed%s, and the file does not tell which batch is to go on behind them", count(row.Batches, "batch"), f.lost, over)
}

// ran says how far the migration is: in the file's numbers where all of it has
// a place there.
func (f *fit) ran() string {
	if f.lost > 0 || len(f.edited) > 0 {
		return ranText(f.done, f.was)
	}
	return ranText(f.done, f.rows)
}

// ranOnRecord says the same in the record's numbers.
func ranOnRecord(r *Record, v Version, dir Direction) string {
	return ranText(doneSteps(r, v, dir), r.stepsOf(v, dir))
}

func (r *Record) stepsOf(v Version, dir Direction) map[int]StepRow {
	rows := map[int]StepRow{}
	for k, row := range r.Steps {
		if k.version == v && k.direction == dir {
			rows[k.step] = row
		}
	}
	return rows
}

// stepsFrom are the checkpoints of step n of an action and those behind it.
func (r *Record) stepsFrom(a Action, n int) map[int]StepRow {
	rows := r.stepsOf(a.Version, a.Direction)
	maps.DeleteFunc(rows, func(step int, _ StepRow) bool { return step <= n })
	return rows
}

func ranText(done int, rows map[int]StepRow) string {
	var all []string
	if done > 0 {
		all = append(all, count(done, "step"))
	}
	if note := batchesIn(rows); note != "" {
		all = append(all, note)
	}
	if len(all) > 0 {
		return strings.Join(all, " and ") + " ran"
	}
	begun := slices.Sorted(maps.Keys(rows))
	if len(begun) == 0 {
		return "nothing ran to its end"
	}
	return fmt.Sprintf("step %d has begun", begun[0])
}

// batchesIn counts the committed batches of the steps that are not done.
func batchesIn(rows map[int]StepRow) string {
	var steps []int
	for n, row := range rows {
		if row.State != "done" && row.Batches > 0 {
			steps = append(steps, n)
		}
	}
	slices.Sort(steps)
	var all []string
	for _, n := range steps {
		all = append(all, fmt.Sprintf("%s of step %d", count(rows[n].Batches, "batch"), n))
	}
	return strings.Join(all, " and ")
}
