package runner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/files"
	"rung/runner/internal/firstrun"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// planning decides what is to be done, from the directory and the history as it was
// read. It asks the database for what stays unread: recorded texts, and once in its
// life whether another tool's history is there.
type planning struct {
	conn    *pgconn.Session
	history *store.History
	dir     *files.Directory
}

// planning is by what the run has read.
func (w *worker) planning() planning {
	return planning{conn: w.session.Conn, history: w.history, dir: w.cfg.Dir}
}

// planUp decides, and checks what up alone insists on. Warnings are said once,
// by the plan that counts: the last one.
func (q planning) planUp(ctx context.Context, req UpRequest) (*plan.Plan, error) {
	p, err := plan.PlanUp(q.dir, q.history.Rec, req.Request)
	if err != nil {
		return &plan.Plan{Direction: files.Up}, q.withDiffs(ctx, err)
	}
	if err := p.Insist(req.PlanHash, q.dir, q.history.Rec); err != nil {
		return p, err
	}
	if req.Together {
		if err := p.MustBeTransactional(); err != nil {
			return p, err
		}
	}
	if q.history.Rec.Exists || len(p.Actions) == 0 || req.BesideOther {
		return p, nil
	}
	return p, firstrun.MustBeFirst(ctx, q.conn, q.history.Book, p)
}

// planDown decides, and reads the recorded SQL where that is what runs.
func (q planning) planDown(ctx context.Context, req plan.Request) (*plan.Plan, error) {
	p, err := plan.PlanDown(q.dir, q.history.Rec, req)
	var refused *plan.RefusalError
	if err != nil && (p == nil || !errors.As(err, &refused)) {
		return &plan.Plan{Direction: files.Down}, q.withDiffs(ctx, err)
	}
	if err == nil && req.Run != "" && len(p.Actions) == 0 {
		return p, q.mustKnowRun(ctx, req.Run)
	}
	// What the recorded SQL says of itself is one of the reasons, too.
	var stop plan.Obstacles
	for i := range p.Actions {
		a := &p.Actions[i]
		why := q.readRecorded(ctx, a)
		if why == nil && !a.FromRecord && refused != nil {
			_, why = plan.DownAction(q.dir, q.history.Rec, a.Row, req)
		}
		if stop.Add(*a, why); stop.Other != nil {
			return p, stop.Other
		}
	}
	if err := stop.Err(); err != nil {
		return &plan.Plan{Direction: files.Down}, err
	}
	return p, nil
}

// mustKnowRun refuses the name of a run that the log lacks. A role that may not read
// the log, and tables older than scopes, cannot tell.
func (q planning) mustKnowRun(ctx context.Context, run string) error {
	unknown := &UnknownRunError{Refusal: &plan.RefusalError{Reason: "the history has no run " + run, Hint: "`rung history --json` names the run of each entry"}}
	if !q.history.Rec.Exists {
		return unknown
	}
	if q.history.Rec.Format < store.FormatOfScopes {
		return nil
	}
	known := false
	err := q.conn.Query(ctx, q.history.SQL("run_there", store.Values{"run": run}), func(*sql.Rows) error {
		known = true
		return nil
	})
	switch {
	case pq.As(err, pqerror.InsufficientPrivilege) != nil:
		return pgconn.LostIs(q.conn.Exec(ctx, "ROLLBACK"))
	case err != nil:
		return q.history.Explained(err)
	case !known:
		return unknown
	}
	return nil
}

func (q planning) mustHaveUp(a plan.Action) error {
	if m := q.dir.Find(a.Version); m == nil || m.Up == nil {
		return &plan.RefusalError{Reason: fmt.Sprintf("%s is the newest, and %s has no up file to apply it again", q.dir.Title(a.Version, a.Name), q.dir.Label), Hint: "`rung down` alone runs the recorded SQL"}
	}
	again := &plan.Plan{Actions: []plan.Action{{Direction: files.Up, Script: q.dir.Find(a.Version).Up, Migration: q.dir.Find(a.Version)}}}
	return again.BadFilesError(nil)
}

// estimate notes about how many rows the background backfills of a plan have. It asks
// for no more than PostgreSQL's own estimates, since a plan may be made at any time.
func (q planning) estimate(ctx context.Context, p *Plan) error {
	for i := range p.Actions {
		a := &p.Actions[i]
		for n := a.FirstStep; a.Registers() && n < len(a.Script.Steps); n++ {
			b := a.Script.Steps[n].Batch
			if b == nil {
				continue
			}
			var rows int64
			err := q.history.Ask(ctx, q.conn, q.history.FilePath()+q.history.SQL("table_rows", store.Values{"table": b.Table}), func(r *sql.Rows) error { return r.Scan(&rows) })
			if err != nil {
				return err
			}
			a.Rows += rows
		}
	}
	return nil
}
