package proof

import (
	"context"
	"errors"
	"slices"
	"time"

	"rung/internal/lazyre"
	"rung/runner"
)

// walker verifies a run of versions on one scratch server. Its walk database
// only ever goes up: whatever a trial does, that one is the true state. The
// trial database goes up, down and up; where it comes out as it should, it is
// at the next version too, and otherwise it is cloned from the walk anew. So the
// walk may stay behind until somebody asks for it.
type walker struct {
	*verification
	scratch *Scratch
	cache   rowCache

	walk  *Database
	at    int // the index of the first version that walk has not
	begun bool

	trial   *Database // nil: to be cloned
	trialAt int       // the index of the first version that trial has not
	reader  *reader   // of trial
	state   *snapshot // of trial, or nil
	// settings are those that trial's sessions began with.
	settings string
}

// errEnds ends a walk at an up that fails; the report has it.
var errEnds = errors.New("an up failed")

// run verifies the versions with these indexes, which ascend.
func (w *walker) run(ctx context.Context, part []int) (err error) {
	if w.walk, err = w.scratch.Create(ctx); err != nil {
		return err
	}
	for _, i := range part {
		if err := w.verify(ctx, i); err != nil {
			if errors.Is(err, errEnds) {
				return nil
			}
			return err
		}
	}
	return nil
}

// advance runs the ups below a version on the walk, and loads the seeds between
// them. Where one fails it returns errEnds.
func (w *walker) advance(ctx context.Context, to int) error {
	if !w.begun {
		w.begun = true
		if err := w.seed(ctx, w.firstSeeds()); err != nil {
			return err
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
		done, err := w.up(ctx, w.walk, w.all[next-1].Version)
		w.walk.sessions.Close()
		w.at += done
		if err != nil && !ofMigration(err) {
			return err
		}
		if err != nil {
			w.failed(w.at, err)
			return errEnds
		}
		w.at = next
		if err := w.seed(ctx, w.seedsAfter(next-1)); err != nil {
			return err
		}
	}
	return nil
}

// verify tries one version.
func (w *walker) verify(ctx context.Context, i int) error {
	began := time.Now()
	t := &trial{walker: w, i: i, m: w.all[i], result: resultOf(w.all[i], OK)}
	if err := t.try(ctx); err != nil {
		return err
	}
	if t.failure != nil {
		w.failed(i, t.failure)
		return errEnds
	}
	w.trialAt = i + 1
	if err := t.compareSecondRows(ctx); err != nil {
		return err
	}
	if !t.sound || t.fails() || len(w.seedsAfter(i)) > 0 {
		if err := w.dropTrial(ctx); err != nil {
			return err
		}
	}
	t.result.settle()
	t.result.Took = time.Since(began)
	w.done(i, t.result)
	if len(w.seedsAfter(i)) > 0 { // with which the next version begins
		return w.advance(ctx, i+1)
	}
	return nil
}

// needTrial sees that there is a trial database that is up to a version. It
// reports whether it was cloned just now.
func (w *walker) needTrial(ctx context.Context, i int) (fresh bool, err error) {
	if w.trial != nil && w.trialAt != i {
		if err := w.dropTrial(ctx); err != nil {
			return false, err
		}
	}
	if w.trial == nil {
		fresh = true
		if err := w.advance(ctx, i); err != nil {
			return false, err
		}
		if w.trial, err = w.scratch.Clone(ctx, w.walk); err != nil {
			return false, err
		}
		w.trialAt = i
	}
	if w.reader == nil {
		if w.reader, err = openReader(ctx, w.trial, w.scratch.Version, w.hidden()); err != nil {
			return false, err
		}
	}
	return fresh, nil
}

// before is the state that a version's trial begins with.
func (w *walker) before(ctx context.Context) (_ *snapshot, err error) {
	if w.state == nil {
		w.state, err = w.take(ctx)
	}
	return w.state, err
}

// take reads the trial's state. What a file sets for the database or a role, only
// new sessions have: those of before are closed.
func (w *walker) take(ctx context.Context) (*snapshot, error) {
	s, err := w.reader.take(ctx, w.cache, w.scratch.madeRoles())
	if err == nil && s.settings != w.settings {
		w.settings = s.settings
		w.trial.sessions.Close()
	}
	return s, err
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
	t.at = t.i + 1
	t.reader, err = openReader(ctx, t.trial, t.scratch.Version, t.hidden())
	return err
}

// comeBack gives the walk back after a trial that made roles. Where the trial
// came out wrong, only a new server is without its roles: the walk begins anew.
func (t *trial) comeBack(ctx context.Context) error {
	if t.sound {
		return t.walkFromTrial(ctx)
	}
	t.closeReader()
	if err := t.scratch.Close(); err != nil {
		return err
	}
	w := t.walker
	w.trial, w.state, w.at, w.begun, w.cache = nil, nil, 0, false, rowCache{}
	var err error
	if w.scratch, err = OpenScratch(ctx, w.Scratch); err != nil {
		return err
	}
	w.walk, err = w.scratch.Create(ctx)
	return err
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
	err = w.scratch.WithLacking(ctx, w.note, func() error {
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
	return w.scratch.WithLacking(ctx, w.note, func() error {
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
	cfg.Conn, cfg.Sessions, cfg.Dir, cfg.Load, cfg.Role, cfg.Events = d.Conn, &d.sessions, w.Dir, nil, "", nil
	return runner.New(cfg)
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
var roleWords = lazyre.New(`(?i)\b(create|alter|drop)\s+(role|user|group)\b`)

func (v *verification) makesRoles() bool {
	return slices.ContainsFunc(v.all, func(m *runner.Migration) bool {
		text, err := m.Up.Text()
		return err == nil && roleWords.MatchString(text)
	})
}
