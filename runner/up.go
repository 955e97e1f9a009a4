package runner

import (
	"context"
	"time"

	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// UpRequest is what up is asked to do.
type UpRequest struct {
	Request
	// Together runs all pending files as one transaction.
	Together bool
	// PlanHash refuses a plan with another hash. Defaults to any plan.
	PlanHash string
	// WaitForBackfills waits where a file requires a background backfill that is not
	// done, and WorkBackfills runs it. Defaults to leaving such a file, and those behind
	// it, pending.
	WaitForBackfills, WorkBackfills bool
}

// Up applies what is pending. The report tells how far it got, beside an error
// too.
func (r *Runner) Up(ctx context.Context, req UpRequest) (*Report, error) {
	rep, err := r.upOnce(ctx, req)
	for err == nil && rep.Plan != nil && len(rep.Plan.WaitsFor) > 0 && (req.WaitForBackfills || req.WorkBackfills) {
		if err = r.finishBackfills(ctx, req, rep); err != nil {
			break
		}
		req.PlanHash = "" // it was of the whole plan
		if req.Steps > 0 {
			req.Steps -= len(rep.Done)
		}
		var next *Report
		next, err = r.upOnce(ctx, req)
		rep = rep.followedBy(next)
	}
	return rep, err
}

// upOnce applies what does not wait for a background backfill.
func (r *Runner) upOnce(ctx context.Context, req UpRequest) (*Report, error) {
	var plan *plan.Plan
	return r.work(ctx, job{
		check: (*files.Directory).MustHaveFiles,
		plan: func(ctx context.Context, w *worker) (bool, error) {
			p, err := w.planning().planUp(ctx, req)
			plan, w.report.Plan = p, p
			return err == nil && len(p.Actions) > 0, err
		},
		others: true,
		texts:  func(*worker) []*files.Migration { return applied(plan) },
		do: func(ctx context.Context, w *worker) error {
			if req.PlanHash != "" {
				w.history.PlanHash = &req.PlanHash
			}
			if req.Together {
				return w.applier.applyTogether(ctx, plan)
			}
			return w.applier.applyAll(ctx, plan)
		},
		end: func(ctx context.Context, w *worker) error { return w.endUp(ctx, plan) },
	})
}

// applyAll runs the plan's actions one after the other.
func (ap *applier) applyAll(ctx context.Context, p *plan.Plan) error {
	ap.warn(p)
	for rest := p.Actions; len(rest) > 0; {
		if waits, err := ap.waitsFor(ctx, p, rest); err != nil || waits {
			return err
		}
		n, err := ap.applyNext(ctx, rest[:plan.BeforeWait(rest)])
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// applied are the migrations that a plan applies.
func applied(p *plan.Plan) (all []*files.Migration) {
	for _, a := range p.Actions {
		all = append(all, a.Migration)
	}
	return all
}

// warn says what is no reason to refuse. That a file is applied in part is
// said by its own Started.
func (ap *applier) warn(p *plan.Plan) {
	for _, f := range p.Warnings {
		if f.Kind != plan.HalfApplied {
			ap.emit(Warned{f})
		}
	}
}

// applyTogether runs all files as one transaction, a message for each.
func (ap *applier) applyTogether(ctx context.Context, p *plan.Plan) error {
	ap.warn(p)
	ap.session.Together = true
	took := make([]time.Duration, len(p.Actions))
	for i, a := range p.Actions {
		ap.announce(a)
		ap.outcomes.at = new(a.At(0))
		began := time.Now()
		if err := ap.session.OneOfMany(ctx, a, i == 0, i == len(p.Actions)-1); err != nil {
			// Settled can only be the last one, whose message commits.
			if o := ap.outcomes.failed(ctx, a.At(0), err); o.is != stepDone {
				return o.error(1)
			}
		}
		took[i] = time.Since(began)
	}
	for i, a := range p.Actions {
		ap.done(a, took[i])
	}
	return nil
}
