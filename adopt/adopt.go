// Package adopt takes over the history that another migration tool keeps in a
// database: it reads which versions ran there, finds their files in rung's
// directory, and has the runner record them as applied. It runs nothing, and leaves
// the other tool's table as it is.
package adopt

import (
	"context"
	"time"

	"rung/runner"
)

// Request says what to adopt.
type Request struct {
	// From is the tool, and Table its table (schema.name or name). Defaults to what is
	// found in the database.
	From, Table string
	// DryRun decides, and writes nothing.
	DryRun bool
	// AsApplied and AsPending are the answers to what the other history leaves open:
	// versions, or the names that the other tool has for them.
	AsApplied, AsPending []string
	// TimeZone is what times without a zone are in. Defaults to the session's.
	TimeZone string
}

// Taken is a version that was adopted.
type Taken struct {
	Version runner.Version
	Name    string
	// Title is the file's name without its ending.
	Title string
	// At is when it ran by the other history, or zero.
	At time.Time
	// Checksum is the other tool's own, or "".
	Checksum string
	// Pending is true where it was adopted before, and is pending again.
	Pending bool
}

// Result is what was adopted, and from where.
type Result struct {
	Tool, Table string
	Taken       []Taken
	// Already is how many versions were recorded before.
	Already int
	// Ignored are what of the other history has no counterpart in rung.
	Ignored []string
}

// Run adopts. The result is returned beside an error too, as far as it got.
func Run(ctx context.Context, r *runner.Runner, req Request) (*Result, error) {
	res := &Result{}
	var took []took
	rep, err := r.Adopt(ctx, runner.AdoptRequest{
		DryRun: req.DryRun,
		Read: func(ctx context.Context, ask runner.Asker, d *runner.Directory, rows []runner.AppliedRow) ([]runner.Adoption, error) {
			*res, took = Result{}, nil
			h, entries, err := read(ctx, ask, req)
			if err != nil {
				return nil, err
			}
			res.Tool, res.Table = h.Tool, h.In+"."+h.Name
			dec := decide(h, entries, d, rows, answers{req.AsApplied, req.AsPending})
			res.Already, res.Ignored, took = dec.already, dec.ignored, dec.took
			if err := dec.err(); err != nil {
				return nil, err
			}
			return dec.adoptions(res.Table), nil
		},
	})
	for _, t := range took {
		for _, a := range rep.Accepted {
			if a.Version == t.m.Version {
				res.Taken = append(res.Taken, Taken{Version: a.Version, Name: a.Name, Title: a.Title, At: t.at, Checksum: t.checksum, Pending: t.pending})
			}
		}
	}
	return res, err
}
