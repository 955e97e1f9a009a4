package proof

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rung/runner"
)

// ReviewConfig says what Review is to do.
type ReviewConfig struct {
	// Dir is the directory. It must have files.
	Dir *runner.Directory
	// Runner has the limits and the history schema that the files before the
	// pending ones run with. Its Conn is the live database, which is only read,
	// where Live is true, and its Scope the schema of it that the files are for.
	Runner runner.Config
	// Live is true where Runner.Conn names a database to read the history and
	// the sizes from.
	Live bool
	// From makes a version the first pending one. Defaults to what the live
	// history says, and without one to the newest.
	From *runner.Version
	// Only makes these versions the pending ones. Others above the first of them
	// run between them, and are not reported. Defaults to From.
	Only []runner.Version
	// Scratch says where the files run. Defaults to a sandbox.
	Scratch ScratchConfig
	// Plan is what up is to run of what is pending in the live history. Defaults
	// to all of it.
	Plan *runner.Plan
	// UpOnly leaves the down files out.
	UpOnly bool
	// CheckData asks the live rows whether new constraints and types fit them.
	CheckData bool
	// Reviews is what the reviews of many databases share. Defaults to nothing.
	Reviews *Reviews
	// Severities are those of ids that the user changed.
	Severities map[string]Severity
	// Progress hears of each version that is to be observed. Defaults to nobody.
	Progress func(ReviewProgress)
}

// ReviewProgress is a version that is observed now.
type ReviewProgress struct {
	Done, Total int
	Version     runner.Version
	Title       string
}

// ReviewReport is what Review observed and found.
type ReviewReport struct {
	// Server is the scratch server's name, and LiveServer the live one's, or "".
	Server, LiveServer string
	// TimeZone is the one that the files ran with.
	TimeZone string
	// Versions are those that were observed.
	Versions []runner.Version
	// Findings are in the order of the files; Suppressed are those of which the
	// file says why they are right.
	Findings, Suppressed []*ReviewFinding
	Statements           []*Observed
	// Relations are the live database's of those that the files lock.
	Relations []*LiveRelation
	Notes     []string
	files     map[runner.Version]*runner.Migration // of Versions
	// Targets is how many databases a merged report is of; 0 for that of one.
	Targets int
	Took    time.Duration
}

func newReviewReport() *ReviewReport {
	return &ReviewReport{files: map[runner.Version]*runner.Migration{}}
}

// Worst is how many findings are as grave as a severity, or worse.
func (r *ReviewReport) Worst(s Severity) (n int) {
	for _, f := range r.Findings {
		if f.Severity.atLeast(s) {
			n++
		}
	}
	return n
}

// review is one run of Review.
type review struct {
	ReviewConfig
	report  *ReviewReport
	live    *liveDatabase
	pending []pendingFile
	known   map[int64]*relation // before the first pending file
	before  []*runner.Migration
}

// pendingFile is a version to observe, from a step on.
type pendingFile struct {
	*runner.Migration
	firstStep int
	// beside is true where it only runs, so that those above it can.
	beside bool
}

// Review runs the pending files on a scratch server, a statement at a time, and
// tells what each of them locks, reads and writes. The error is that of a server,
// of a file before the pending ones, or *runner.BadFilesError for a `-- rung:allow`
// that suppresses nothing, beside the report.
func Review(ctx context.Context, cfg ReviewConfig) (*ReviewReport, error) {
	began := time.Now()
	v := &review{ReviewConfig: cfg, report: newReviewReport()}
	defer func() { v.report.Took = time.Since(began) }()
	if err := v.choose(ctx); err != nil || len(v.pending) == 0 {
		return v.report, err
	}
	if err := refuseServerWide(v.Scratch, v.before); err != nil {
		return v.report, err
	}
	seen, err := v.Reviews.once(v.key(), v.observe)(ctx)
	if err != nil {
		return v.report, err
	}
	if err := v.judged(ctx, seen); err != nil {
		return v.report, err
	}
	if problems := v.settle(seen.found); len(problems) > 0 {
		return v.report, &runner.BadFilesError{Problems: problems}
	}
	return v.report, nil
}

// choose decides which files are pending.
func (v *review) choose(ctx context.Context) error {
	var all []*runner.Migration
	for _, m := range v.Dir.Migrations {
		if m.Up != nil {
			all = append(all, m)
		}
	}
	if v.Live {
		live, err := openLive(ctx, v.Runner, v.Reviews.samplesOf(v.Runner.Conn))
		if err != nil {
			return err
		}
		v.live = live
		v.report.LiveServer, v.report.TimeZone = live.name, live.zone
	}
	pending, later := map[runner.Version]int{}, map[runner.Version]bool{}
	switch {
	case v.From != nil && v.Dir.Find(*v.From) == nil:
		return &runner.RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", *v.From, v.Dir.Label), Hint: "`rung status` lists them"}
	case v.From != nil || v.Only != nil:
		for _, m := range all {
			below := v.From != nil && m.Version.Compare(*v.From) < 0
			if !below && (v.Only == nil || len(pending) > 0 || slices.Contains(v.Only, m.Version)) {
				pending[m.Version] = 0
			}
		}
	case v.live != nil:
		plan, err := v.plan(ctx)
		if err != nil {
			return err
		}
		for _, a := range plan.Actions {
			later[a.Version] = true
		}
		if v.Plan != nil {
			plan = v.Plan
		}
		for _, a := range plan.Actions {
			pending[a.Version] = a.FirstStep
		}
	case len(all) > 0:
		last := all[len(all)-1]
		pending[last.Version] = 0
		v.note(fmt.Sprintf("without --from and --database-url only the newest version is taken for pending: %s", last.Title()))
	}
	for _, m := range all {
		step, ok := pending[m.Version]
		switch {
		case ok && m.Up.Todo:
			v.note(m.Up.Path + " is left out: it says `-- rung:todo`")
		case ok:
			beside := v.Only != nil && !slices.Contains(v.Only, m.Version)
			v.pending = append(v.pending, pendingFile{m, step, beside})
			if !beside {
				v.report.Versions = append(v.report.Versions, m.Version)
				v.report.files[m.Version] = m
			}
		case !later[m.Version]:
			v.before = append(v.before, m)
		}
	}
	return nil
}

// plan is what up would run on the live database.
func (v *review) plan(ctx context.Context) (*runner.Plan, error) {
	cfg := v.Runner
	cfg.Dir, cfg.Load = v.Dir, nil
	r, err := runner.New(cfg)
	if err != nil {
		return nil, err
	}
	return r.Plan(ctx, runner.Up, runner.UpRequest{Request: runner.Request{AllowOutOfOrder: true, Inline: true}})
}

func (v *review) note(text string) { v.report.Notes = append(v.report.Notes, text) }

// observe brings a scratch database to where production is, and runs what is
// pending.
func (v *review) observe(ctx context.Context) (seen *observation, err error) {
	scratch, err := OpenScratch(ctx, v.Scratch)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	db, err := scratch.Create(ctx)
	if err != nil {
		return nil, err
	}
	first := len(v.report.Notes)
	if err := v.base(ctx, scratch, db); err != nil {
		return nil, err
	}
	if seen, err = v.run(ctx, scratch, db); err != nil {
		return nil, err
	}
	seen.server, seen.version, seen.zone = scratch.Name, scratch.Version, v.report.TimeZone
	seen.notes = slices.Clone(v.report.Notes[first:])
	v.report.Notes = v.report.Notes[:first]
	return seen, nil
}

// run runs what is pending and judges it.
func (v *review) run(ctx context.Context, scratch *Scratch, db *Database) (*observation, error) {
	o := &observer{scratch: scratch, db: db, note: v.note}
	if err := v.begin(ctx, o); err != nil {
		return nil, err
	}
	j := &judge{o: o, limited: map[string]bool{}, created: map[string]*moment{}}
	o.judge, o.rebuilt = j.statement, j.rebuilt
	data := &checker{o: o, written: map[int64]string{}, note: v.note}
	if v.CheckData && v.live != nil {
		o.ask = data.statement
	}
	for i, m := range v.pending {
		if v.Progress != nil {
			v.Progress(ReviewProgress{Done: i, Total: len(v.pending), Version: m.Version, Title: m.Title()})
		}
		first, was := len(o.all), o.now
		if err := o.file(ctx, m.Version, runner.Up, m.Up, m.firstStep, v.report.TimeZone); err != nil {
			return nil, err
		}
		if m.beside {
			o.learn(was)
		}
		if m.Down == nil {
			v.noDown(j, o, m, first)
		}
	}
	if err := v.downs(ctx, o); err != nil {
		return nil, err
	}
	v.reportsOnly(o, j)
	sortStatements(o.all)
	return &observation{statements: o.all, found: j.found, checks: data.all, known: o.known}, nil
}

// judged weighs by the live database what was seen on the scratch server.
func (v *review) judged(ctx context.Context, seen *observation) error {
	v.report.Server, v.report.TimeZone, v.report.Statements, v.known = seen.server, seen.zone, seen.statements, seen.known
	if v.live != nil && v.live.version/10000 != seen.version/10000 {
		v.note(fmt.Sprintf("the scratch server is %s and the live one %s: set RUNG_PG_BINDIR or --scratch-url to one of the same major version", seen.server, v.live.name))
	}
	v.report.Notes = append(v.report.Notes, seen.notes...)
	if err := v.checkData(ctx, seen); err != nil {
		return err
	}
	return v.weigh(ctx, seen.found)
}

// key is the same for reviews that do the same on a scratch server.
func (v *review) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %t %q %t %t", v.report.TimeZone, v.Runner.Scope != "", v.Runner.Shared, v.UpOnly, v.CheckData)
	for _, m := range v.before {
		fmt.Fprintf(&b, " %s", m.Version)
	}
	for _, m := range v.pending {
		fmt.Fprintf(&b, " %s:%d:%t", m.Version, m.firstStep, m.beside)
	}
	return b.String()
}

// reportsOnly forgets what is of files that only run beside the pending ones.
func (v *review) reportsOnly(o *observer, j *judge) {
	for _, m := range v.pending {
		if m.beside {
			o.all = slices.DeleteFunc(o.all, func(s *Observed) bool { return s.Version == m.Version })
			j.found = slices.DeleteFunc(j.found, func(f *ReviewFinding) bool { return f.Version == m.Version })
		}
	}
}

// noDown says that a version cannot be reverted, at its first statement.
func (v *review) noDown(j *judge, o *observer, m pendingFile, first int) {
	at := &moment{Observed: &Observed{File: m.Up.Path, Version: m.Version, Direction: runner.Up, Line: 1}}
	if sts := m.Up.Statements(); len(sts) > 0 && first < len(o.all) {
		at.statement, at.Observed = sts[0], o.all[first]
	}
	j.add(at, "no-down", about{what: m.Up.Path + " has no down file"})
}

// base applies the versions that are not pending.
func (v *review) base(ctx context.Context, scratch *Scratch, db *Database) error {
	if v.report.TimeZone != "" {
		db.set("TimeZone", v.report.TimeZone)
	}
	cfg := v.Runner
	if v.Runner.Scope != "" {
		cfg.Scope = scratchScope
		if err := makeScope(ctx, db, v.Runner.Shared); err != nil {
			return err
		}
	}
	if len(v.before) == 0 {
		return nil
	}
	dir := &runner.Directory{Label: v.Dir.Label, Migrations: v.before}
	return scratch.WithLacking(ctx, v.note, func() error {
		cfg.Conn, cfg.Dir, cfg.Load, cfg.Role, cfg.Events = db.Conn, dir, nil, "", nil
		r, err := runner.New(cfg)
		if err != nil {
			return err
		}
		_, err = r.Up(ctx, runner.UpRequest{Request: runner.Request{Inline: true}})
		return err
	})
}

// begin notes what is there before the first pending file.
func (v *review) begin(ctx context.Context, o *observer) error {
	closeSession, err := o.open(ctx, v.report.TimeZone)
	if err != nil {
		return err
	}
	defer closeSession()
	if v.report.TimeZone == "" {
		if err := o.conn.QueryRowContext(ctx, "SELECT pg_catalog.current_setting('TimeZone')").Scan(&v.report.TimeZone); err != nil {
			return fmt.Errorf("read the time zone: %w", err)
		}
	}
	if err := o.look(ctx); err != nil {
		return err
	}
	o.known, o.knownObjects, o.knownColumns = o.now.relations, o.now.objects, o.now.columns
	return nil
}
