package runner

import (
	"context"
	"io"

	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/psqlscript"
)

// WriteScript writes one psql script that does by hand what up or down would
// do, bookkeeping included: the same statements from the same templates, and
// the same record after it. A scope has no script.
func (r *Runner) WriteScript(ctx context.Context, dir Direction, req UpRequest, out io.Writer) (p *Plan, err error) {
	if r.cfg.Scope != "" {
		return nil, &RefusalError{Reason: "a script is for a database, not for one of its schemas", Hint: "`rung up --each-schema` runs the files in each"}
	}
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		if dir == files.Down {
			p, err = w.planning().planDown(ctx, req.Request)
		} else {
			p, err = w.planning().planUp(ctx, req)
		}
		if err != nil {
			return err
		}
		w.history.Run, w.history.ByHand, w.session.Monitor = "by-hand", true, lock.NewMonitor(nil, asEvents{w.emit}, 0, nil)
		return psqlscript.Write(ctx, w.session, w.cfg.Conn.Datestyle, p, out)
	})
	return p, err
}
