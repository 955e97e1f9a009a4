package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// waitsFor reports whether the next action requires a background backfill that this
// run has registered. The plan is then held back from there on.
func (ap *applier) waitsFor(ctx context.Context, p *plan.Plan, rest []plan.Action) (bool, error) {
	if len(rest[0].After) == 0 {
		return false, nil
	}
	if err := ap.history.Read(ctx, ap.session.Conn); err != nil {
		return false, err
	}
	var unfinished []files.Version
	for _, v := range rest[0].After {
		if row := ap.history.Rec.Find(v); row != nil && row.State == plan.Background {
			unfinished = append(unfinished, v)
		}
	}
	if len(unfinished) > 0 {
		p.HoldBack(len(rest), unfinished)
	}
	return len(unfinished) > 0, nil
}

// endUp reads how the background backfills stand. A failed one that a pending file
// requires is the error.
func (w *worker) endUp(ctx context.Context, p *plan.Plan) error {
	if slices.ContainsFunc(w.report.Done, func(d Done) bool { return d.Registered }) {
		if err := w.history.Read(ctx, w.session.Conn); err != nil {
			return err
		}
	}
	all, err := w.backfills().backgrounds(ctx)
	if err != nil {
		return err
	}
	w.report.Background = all
	for _, b := range all {
		if slices.Contains(p.WaitsFor, b.Version) && b.State == plan.BackfillFailed {
			return &RequiredFailedError{File: p.Waiting[0].Up.Path, Background: b}
		}
	}
	return nil
}

// RequiredFailedError says that a file waits for a background backfill that failed.
type RequiredFailedError struct {
	File       string
	Background Background
}

func (e *RequiredFailedError) Error() string {
	b := e.Background
	s := fmt.Sprintf("%s requires the backfill of %s, which failed: %s", e.File, b.Title, b.Error)
	if b.SQLState != "" {
		s += " (" + b.SQLState + ")"
	}
	return s
}

// finishBackfills runs the backfills for which a plan waits, or waits until others have.
func (r *Runner) finishBackfills(ctx context.Context, req UpRequest, rep *Report) error {
	if req.WorkBackfills {
		done, err := r.Work(ctx, WorkRequest{Versions: rep.Plan.WaitsFor})
		rep.Done = append(rep.Done, done.Done...)
		if err != nil {
			return err
		}
	}
	return r.awaitBackfills(ctx, rep.Plan)
}

// awaitBackfills waits until the backfills that a plan waits for are done. It holds no
// connection between two looks.
func (r *Runner) awaitBackfills(ctx context.Context, p *plan.Plan) error {
	said := time.Time{}
	for look := pgconn.NewBackoff(time.Second, 5*time.Second); ; {
		waits := false
		err := r.read(ctx, func(ctx context.Context, w *worker) error {
			all, err := w.backfills().backgrounds(ctx)
			for _, b := range all {
				if !slices.Contains(p.WaitsFor, b.Version) {
					continue
				}
				waits = true
				if b.State == plan.BackfillFailed {
					return &RequiredFailedError{File: p.Waiting[0].Up.Path, Background: b}
				}
				if time.Since(said) >= pgconn.SayAgain {
					said = time.Now()
					w.emit(WaitingForBackfill{File: p.Waiting[0].Up.Path, Background: b})
				}
			}
			return err
		})
		if err != nil || !waits {
			return err
		}
		if look.Sleep(ctx) != nil {
			return &StoppedError{Where: p.Waiting[0].Up.Path + " waits for a background backfill, and was not run", Cause: context.Cause(ctx)}
		}
	}
}

// followedBy is the report of two runs that are one to the user.
func (rep *Report) followedBy(next *Report) *Report {
	all := *next
	all.Done = append(slices.Clip(rep.Done), next.Done...)
	return &all
}
