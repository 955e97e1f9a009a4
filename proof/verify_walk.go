package proof

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner"
)

// walker verifies a run of versions on one scratch server. Its walk database
// only ever goes up: whatever a trial does, that one is the true state. The
// trial database goes up, down and up; where it comes out as it should, it is
// at the next version too, and otherwise it is cloned from the walk anew.
type walker struct {
	*verification
	scratch *Scratch
	cache   rowCache

	walk  *Database
	at    int // the index of the first version that walk has not
	begun bool

	trial  *Database // nil: to be cloned
	reader *reader   // of trial
	state  *snapshot // of trial, or nil
}

// run verifies the versions with these indexes, which ascend.
func (w *walker) run(ctx context.Context, part []int) (err error) {
	if w.walk, err = w.scratch.Create(ctx); err != nil {
		return err
	}
	for _, i := range part {
		stopped, err := w.advance(ctx, i)
		if err == nil && !stopped {
			stopped, err = w.verify(ctx, i)
		}
		if err != nil || stopped {
			return err
		}
	}
	return nil
}

// advance runs the ups below a version on the walk. It reports whether one
// failed, which ends the walk.
func (w *walker) advance(ctx context.Context, to int) (stopped bool, err error) {
	if !w.begun {
		w.begun = true
		if err := w.seed(ctx, w.firstSeeds()); err != nil {
			return false, err
		}
	}
	for w.at < to {
		next := to
		for i := w.at; i < to; i++ { // stop where rows are to be loaded
			if len(w.seedsAfter(i)) > 0 {
				next = i + 1
				break
			}
		}
		if err := w.dropTrial(ctx); err != nil {
			return false, err
		}
		done, err := w.up(ctx, w.walk, w.all[next-1].Version)
		w.at += done
		if err != nil && !ofMigration(err) {
			return false, err
		}
		if err != nil {
			w.failed(w.at, err)
			return true, nil
		}
		w.at = next
		if err := w.seed(ctx, w.seedsAfter(next-1)); err != nil {
			return false, err
		}
	}
	return false, nil
}

// verify tries one version, for which the walk is ready, and walks over it.
func (w *walker) verify(ctx context.Context, i int) (stopped bool, err error) {
	began := time.Now()
	m := w.all[i]
	t := &trial{walker: w, m: m, result: resultOf(m, OK)}
	switch {
	case m.Down == nil:
		t.result.Verdict, t.result.Reason = NoDown, "there is no down file"
	case m.Down.Irreversible != "":
		t.result.Verdict, t.result.Reason = Irreversible, m.Down.Irreversible
	default:
		if err := t.run(ctx); err != nil {
			return false, err
		}
	}
	if t.walk == nil {
		if stopped, err := t.comeBack(ctx, i+1); stopped || err != nil {
			return stopped, err
		}
	}
	if !t.sound {
		if err := w.dropTrial(ctx); err != nil {
			return false, err
		}
	}
	if t.failure == nil && !t.walked {
		if _, t.failure = w.up(ctx, w.walk, m.Version); t.failure != nil && !ofMigration(t.failure) {
			return false, t.failure
		}
	}
	if t.failure != nil {
		w.failed(i, t.failure)
		return true, nil
	}
	w.at = i + 1
	if err := t.compareSecondRows(ctx); err != nil {
		return false, err
	}
	t.result.settle()
	t.result.Took = time.Since(began)
	w.done(i, t.result)
	if seeds := w.seedsAfter(i); len(seeds) > 0 {
		return false, errors.Join(w.dropTrial(ctx), w.seed(ctx, seeds))
	}
	return false, nil
}

// needTrial sees that there is a trial database at the walk's state. It reports
// whether it was cloned just now.
func (w *walker) needTrial(ctx context.Context) (fresh bool, err error) {
	if w.trial == nil {
		fresh = true
		if w.trial, err = w.scratch.Clone(ctx, w.walk); err != nil {
			return false, err
		}
	}
	if w.reader == nil {
		if w.reader, err = openReader(ctx, w.trial, w.scratch.Version, w.hidden()); err != nil {
			return false, err
		}
	}
	if w.state == nil {
		w.state, err = w.take(ctx)
	}
	return fresh, err
}

func (w *walker) take(ctx context.Context) (*snapshot, error) {
	return w.reader.take(ctx, w.cache, w.scratch.Roles())
}

func (w *walker) closeReader() {
	if w.reader != nil {
		w.reader.close()
		w.reader = nil
	}
}

func (w *walker) dropTrial(ctx context.Context) error {
	w.closeReader()
	w.state = nil
	if w.trial == nil {
		return nil
	}
	d := w.trial
	w.trial = nil
	return w.scratch.Drop(ctx, d)
}

// makeWay prepares the walk for an up that made roles in the trial, which are
// the server's: it cannot make them there again. Nor could the down drop a role
// that another database has objects or grants of, so the walk goes, and comes
// back as a copy of the trial. On somebody else's server it is copied at once.
func (t *trial) makeWay(ctx context.Context) error {
	if err := t.scratch.Drop(ctx, t.walk); err != nil {
		return err
	}
	t.walk = nil
	if t.scratch.Own() {
		return nil
	}
	return t.walkFromTrial(ctx)
}

// walkFromTrial makes the walk a copy of the trial.
func (t *trial) walkFromTrial(ctx context.Context) (err error) {
	t.closeReader()
	if t.walk, err = t.scratch.Clone(ctx, t.trial); err != nil {
		return err
	}
	t.walked = true
	t.reader, err = openReader(ctx, t.trial, t.scratch.Version, t.hidden())
	return err
}

// comeBack gives the walk back after a trial that made roles. Where the trial
// came out wrong, only a new server is without its roles: the walk begins anew.
func (t *trial) comeBack(ctx context.Context, next int) (stopped bool, err error) {
	if t.sound {
		return false, t.walkFromTrial(ctx)
	}
	t.closeReader()
	if err := t.scratch.Close(); err != nil {
		return false, err
	}
	w := t.walker
	w.trial, w.state, w.at, w.begun, w.cache = nil, nil, 0, false, rowCache{}
	if w.scratch, err = OpenScratch(ctx, w.Scratch); err != nil {
		return false, err
	}
	if w.walk, err = w.scratch.Create(ctx); err != nil {
		return false, err
	}
	t.walked = true
	return w.advance(ctx, next)
}

// hidden are the schemas that are none of the files'.
func (v *verification) hidden() []string {
	return []string{v.historySchema(), seedSchema}
}

func (v *verification) historySchema() string {
	if v.Runner.HistorySchema == "" {
		return "rung"
	}
	return v.Runner.HistorySchema
}

// up applies what is pending up to a version, as production does. It returns
// how many it applied, beside an error too.
func (w *walker) up(ctx context.Context, d *Database, to runner.Version) (done int, err error) {
	err = w.scratch.withRoles(ctx, w.note, func() error {
		r, err := w.runner(d)
		if err != nil {
			return err
		}
		report, err := r.Up(ctx, runner.UpRequest{Request: runner.Request{To: &to, Inline: true}})
		done += len(report.Done)
		return err
	})
	return done, err
}

// down reverts the newest version.
func (w *walker) down(ctx context.Context, d *Database) error {
	return w.scratch.withRoles(ctx, w.note, func() error {
		r, err := w.runner(d)
		if err != nil {
			return err
		}
		_, err = r.Down(ctx, runner.Request{Steps: 1})
		return err
	})
}

func (w *walker) runner(d *Database) (*runner.Runner, error) {
	cfg := w.Runner
	cfg.Conn, cfg.Dir, cfg.Load, cfg.Role, cfg.Events = d.Conn, w.Dir, nil, "", nil
	return runner.New(cfg)
}

// withRoles runs files and makes the roles that they name and the server lacks:
// in production they are there before any migration. Note hears of each.
func (s *Scratch) withRoles(ctx context.Context, note func(string), run func() error) error {
	for {
		err := run()
		role, ok := missingRole(err)
		if !ok || slices.Contains(s.Roles(), role) {
			return err
		}
		made, failed := s.CreateRole(ctx, role)
		if failed != nil {
			return failed
		}
		if made {
			note("role " + role + " does not exist on the scratch server: made it, without rights, since files name it")
		} else {
			return &runner.HintedError{Err: err, Hint: "create role " + role + " on the scratch server: rung makes nothing there but databases"}
		}
	}
}

var (
	roleMissing = regexp.MustCompile(`^role "(.*)" does not exist$`)
	dropsRole   = regexp.MustCompile(`(?i)\bdrop\s+(role|user|group)\b`)
)

// missingRole is the role that a failed statement names and that is not there.
// One that drops a role needs it from the files.
func missingRole(err error) (string, bool) {
	e := pq.As(err, pqerror.UndefinedObject)
	var statement *runner.StatementError
	if e == nil || !errors.As(err, &statement) || dropsRole.MatchString(statement.Source) {
		return "", false
	}
	m := roleMissing.FindStringSubmatch(e.Message)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// ofMigration tells an error of what the files say from one of the server.
func ofMigration(err error) bool {
	var (
		statement *runner.StatementError
		refusal   *runner.RefusalError
		bad       *runner.BadFilesError
		stopped   *runner.StoppedError
	)
	return !errors.As(err, &stopped) && (errors.As(err, &statement) || errors.As(err, &refusal) || errors.As(err, &bad))
}

// roleWords find files that make or change roles.
var roleWords = regexp.MustCompile(`(?i)\b(create|alter|drop)\s+(role|user|group)\b`)

func (v *verification) makesRoles() bool {
	return slices.ContainsFunc(v.all, func(m *runner.Migration) bool {
		text, err := m.Up.Text()
		return err == nil && roleWords.MatchString(text)
	})
}
