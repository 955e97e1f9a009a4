package proof

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner"
)

// trial is one version's up, down and up.
type trial struct {
	*walker
	i      int // its index
	m      *runner.Migration
	result VersionResult
	// sound is true where the trial database has come out at this version.
	sound bool
	// roles is true where the up makes or changes roles.
	roles bool
	// seeded is true where the trial database has rows that the walk has not.
	seeded bool
	// failure is the error of the first up.
	failure error
	// first and second are the states after the first and the second up, where
	// their rows are still to be compared; nil where nothing is.
	first, second *snapshot
}

// try tries the version, or only goes up where there is nothing to try.
func (t *trial) try(ctx context.Context) error {
	switch {
	case t.m.Down == nil:
		t.result.Verdict, t.result.Reason = NoDown, "there is no down file"
		return t.advance(ctx, t.i+1)
	case t.m.Down.Irreversible != "":
		t.result.Verdict, t.result.Reason = Irreversible, t.m.Down.Irreversible
		return t.advance(ctx, t.i+1)
	}
	if err := t.run(ctx); err != nil || t.walk != nil {
		return err
	}
	return t.comeBack(ctx)
}

func (t *trial) run(ctx context.Context) error {
	fresh, err := t.needTrial(ctx, t.i)
	if err != nil {
		return err
	}
	if _, err := t.before(ctx); err != nil {
		return err
	}
	if t.AutoSeed {
		if err := t.makeRows(ctx); err != nil {
			return err
		}
	}
	if err := t.firstUp(ctx, fresh && !t.seeded); err != nil || t.failure != nil {
		return err
	}
	before := t.state
	after, err := t.take(ctx)
	if err != nil {
		return err
	}
	t.state = nil
	if t.roles = changesRoles(before.schema, after.schema); t.roles {
		if err := t.makeWay(ctx); err != nil {
			return err
		}
	}
	if failed, err := t.attempt(DownFails, t.down(ctx, t.trial)); failed || err != nil {
		return err
	}
	back, err := t.take(ctx)
	if err != nil {
		return err
	}
	if err := t.judgeDown(ctx, before, after, back); err != nil {
		return err
	}
	failing := t.fails()
	_, err = t.up(ctx, t.trial, t.m.Version)
	if failed, broken := t.attempt(NotRepeatable, err); failed || broken != nil {
		if failed {
			t.followsFromLoss(err)
		}
		return broken
	}
	again, err := t.take(ctx)
	if err != nil || failing {
		return err
	}
	t.judgeSecondUp(after, again)
	t.sound = !t.fails() && !t.seeded
	t.state = again
	return nil
}

// firstUp applies the version. Where that fails on a trial database that has
// come through other trials, the walk's copy has the last word.
func (t *trial) firstUp(ctx context.Context, fresh bool) error {
	_, err := t.up(ctx, t.trial, t.m.Version)
	if err != nil && ofMigration(err) && !fresh {
		if t.seeded {
			f := findingOf(UpFails, err)
			f.Notice, f.What = true, "with the rows that --seed auto made the up fails, and was tried without: "+f.What
			t.add(f)
			t.seeded = false
		}
		if err := t.dropTrial(ctx); err != nil {
			return err
		}
		if _, err := t.needTrial(ctx, t.i); err != nil {
			return err
		}
		if _, err := t.before(ctx); err != nil {
			return err
		}
		_, err = t.up(ctx, t.trial, t.m.Version)
	}
	if err != nil && !ofMigration(err) {
		return err
	}
	t.failure = err
	return nil
}

// attempt turns the error of a file into a finding.
func (t *trial) attempt(verdict Verdict, err error) (failed bool, _ error) {
	if err == nil || !ofMigration(err) {
		return false, err
	}
	t.result.Findings = append(t.result.Findings, findingOf(verdict, err))
	return true, nil
}

// followsFromLoss makes a notice of a second up that fails for want of what the
// down has lost: that is what the loss means, and no fault of the up.
func (t *trial) followsFromLoss(err error) {
	last := &t.result.Findings[len(t.result.Findings)-1]
	losses := slices.ContainsFunc(t.result.Findings, func(f Finding) bool { return f.Verdict == DownLoses && !f.Notice })
	if losses && pq.As(err, pqerror.UndefinedObject, pqerror.UndefinedTable, pqerror.UndefinedColumn, pqerror.UndefinedFunction, pqerror.InvalidSchemaName) != nil {
		last.Notice, last.What = true, "so the second up fails: "+last.What
	}
}

// findingOf is a statement that failed, as a finding.
func findingOf(verdict Verdict, err error) Finding {
	f := Finding{Verdict: verdict, What: strings.ReplaceAll(err.Error(), "pq: ", "")}
	var statement *runner.StatementError
	if errors.As(err, &statement) {
		f.File, f.Line = statement.File, statement.Line
	}
	if e := pq.As(err); e != nil {
		f.SQLState = string(e.Code)
	}
	return f
}

// fails reports whether there is a finding that is no notice.
func (t *trial) fails() bool {
	return slices.ContainsFunc(t.result.Findings, func(f Finding) bool { return !f.Notice })
}

// changesRoles reports whether an up made or changed what all databases of the
// server share.
func changesRoles(was, is fingerprint) bool {
	return !maps.Equal(rolesOf(was), rolesOf(is))
}

func rolesOf(f fingerprint) map[string]string {
	all := map[string]string{}
	for key, o := range f {
		if o.kind == "role" || o.kind == "membership" {
			all[key] = o.definition
		}
	}
	return all
}

// judgeDown compares what is after the down with what was before the up.
func (t *trial) judgeDown(ctx context.Context, before, after, back *snapshot) error {
	differences := compareFingerprints(before.schema, back.schema)
	for _, d := range differences {
		t.add(downFinding(d, before, after))
	}
	t.judgeRows(before, back)
	for _, name := range slices.Sorted(maps.Keys(before.positions)) {
		if is, ok := back.positions[name]; ok && is != before.positions[name] {
			t.add(Finding{Verdict: DataDiffers, Notice: true, What: fmt.Sprintf("sequence %s stood at %s before the up and stands at %s after the down", name, before.positions[name], is)})
		}
	}
	if t.Dump && len(differences) > 0 && !t.roles {
		var err error
		t.result.Dump, err = t.dumps(ctx)
		return err
	}
	return nil
}

func (t *trial) add(f Finding) { t.result.Findings = append(t.result.Findings, f) }

// downFinding names a difference that a down leaves. Where the value is still
// that of the up, the down has left it behind; any other is a loss.
func downFinding(d difference, before, after *snapshot) Finding {
	f := Finding{What: d.what, Old: d.old, New: d.new, Notice: d.space}
	switch d.sort {
	case moved:
		f.Verdict = ColumnOrder
	case lost:
		f.Verdict = DownLoses
		if table, ok := strings.CutPrefix(d.what, "table "); ok && before.rows(table).count > 0 {
			f.What += " with " + countOf(before.rows(table).count, "row")
		}
	case left:
		f.Verdict = DownLeaves
	case changed:
		f.Verdict = DownLoses
		if valueIn(after.schema, d) == d.new {
			f.Verdict = DownLeaves
		}
	}
	if d.space {
		f.What += " comes back with other white space"
	}
	return f
}

// valueIn is what a schema has for a property that a difference is of.
func valueIn(f fingerprint, d difference) string {
	for _, other := range compareProperties(d.object, object{kind: f[d.object].kind, name: f[d.object].name, definition: "{}"}, f[d.object]) {
		if other.what == d.what {
			return other.new
		}
	}
	return ""
}

// judgeRows compares the rows of the tables that are there before and after.
func (t *trial) judgeRows(before, back *snapshot) {
	for _, table := range tablesOf(before, back) {
		if !before.has(table) || !back.has(table) {
			continue // a finding of its own
		}
		if d := compareRows(before.rows(table), back.rows(table), oneSided(before.schema, back.schema, table)); d != nil {
			t.add(Finding{Verdict: DataDiffers, What: d.text(table), New: d.first})
		}
	}
}

// text names the difference: "public.t, 1 of 2 rows".
func (d *rowDifference) text(table string) string {
	if d.rows == 0 {
		return table
	}
	return fmt.Sprintf("%s, %d of %s", table, d.rows, countOf(max(d.of, d.rows), "row"))
}

func countOf(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// has reports whether a table is there.
func (s *snapshot) has(table string) bool {
	for _, kind := range []string{"table ", "materialized view "} {
		if _, ok := s.schema[kind+table]; ok {
			return true
		}
	}
	return false
}

// tablesOf are those that have rows on either side.
func tablesOf(a, b *snapshot) []string {
	names := maps.Clone(a.tables)
	maps.Copy(names, b.tables)
	return slices.Sorted(maps.Keys(names))
}

// oneSided are the columns of a table that one side lacks: a finding already.
func oneSided(was, is fingerprint, table string) (names []string) {
	old, current := columnPlaces(was)["table "+table], columnPlaces(is)["table "+table]
	for name := range old {
		if _, ok := current[name]; !ok {
			names = append(names, unquoted(name))
		}
	}
	for name := range current {
		if _, ok := old[name]; !ok {
			names = append(names, unquoted(name))
		}
	}
	return names
}

// unquoted is an identifier as the catalog has it.
func unquoted(name string) string {
	if text, ok := strings.CutPrefix(name, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(text, `"`), `""`, `"`)
	}
	return name
}

// judgeSecondUp compares the schema of the two ups; their rows are compared
// once the walk has gone up too.
func (t *trial) judgeSecondUp(first, second *snapshot) {
	for _, d := range compareFingerprints(first.schema, second.schema) {
		verb := map[differenceSort]string{lost: "the second up loses ", left: "the second up adds ", changed: "the second up makes another ", moved: "the second up has another column order: "}[d.sort]
		t.add(Finding{Verdict: NotRepeatable, What: verb + d.what, Old: d.old, New: d.new, Notice: d.space})
	}
	for _, table := range tablesOf(first, second) {
		was, is := first.rows(table), second.rows(table)
		switch {
		case was.equal(is):
		case !t.seeded && !t.roles:
			t.first, t.second = first, second
		case was.count != is.count: // the walk has no such rows to compare with
			t.add(Finding{Verdict: NotRepeatable, What: "the second up has other rows: " + table, New: fmt.Sprintf("there were %d rows, there are %d", was.count, is.count)})
		}
	}
}

// makeRows makes rows in the trial database, which is cloned anew after them.
func (t *trial) makeRows(ctx context.Context) error {
	if text, err := t.m.Up.Text(); err != nil || roleWords.MatchString(text) {
		t.note(t.m.Up.Path + " makes or changes roles: no rows were made for it")
		return err // the walk may become a copy of the trial
	}
	made, failed, err := t.autoSeed(ctx)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	for _, table := range slices.Sorted(maps.Keys(failed)) {
		t.note(fmt.Sprintf("no rows for %s: %s", table, failed[table]))
	}
	t.count(made)
	if made == 0 {
		return nil
	}
	t.seeded = true
	t.state, err = t.take(ctx)
	return err
}

// compareSecondRows compares the rows of the two ups. A value that differs
// between any two ups is none that the second one got wrong: now(), random(), a
// sequence. Which columns have such values, the catalog tells, and the walk's
// own up, which is a third. Of large tables only the number of rows is compared.
func (t *trial) compareSecondRows(ctx context.Context) error {
	if t.first == nil || t.fails() {
		return nil
	}
	volatile, err := t.reader.volatile(ctx)
	if err != nil {
		return err
	}
	if err := t.advance(ctx, t.i+1); err != nil {
		return err
	}
	r, err := openReader(ctx, t.walk, t.scratch.Version, t.hidden())
	if err != nil {
		return err
	}
	defer r.close()
	third, err := r.contents(ctx, t.cache, t.first.schema.types())
	if err != nil {
		return err
	}
	for _, table := range tablesOf(t.first, t.second) {
		first, second := t.first.rows(table), t.second.rows(table)
		if first.equal(second) {
			continue
		}
		if c := third[table]; c != nil && c.count == first.count {
			volatile[table] = append(volatile[table], differingColumns(first, c)...)
		}
		d := compareRows(first, second, volatile[table])
		if sums := first.sum != "" && first.count == second.count; d != nil && !sums {
			t.add(Finding{Verdict: NotRepeatable, What: "the second up has other rows: " + d.text(table), New: d.first})
		}
	}
	return nil
}
