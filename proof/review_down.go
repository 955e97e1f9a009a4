package proof

import (
	"context"
	"slices"

	"rung/runner"
)

// downs runs the down files of the pending versions, the newest first, as a
// `rung down` over all of them would. It runs none behind an up that fails: what
// it would say of them would be that failure again.
func (v *review) downs(ctx context.Context, o *observer) error {
	if v.UpOnly {
		return nil
	}
	if i := slices.IndexFunc(o.all, func(s *Observed) bool { return s.Failed != "" }); i >= 0 {
		v.note("down files are not observed: " + o.all[i].File + " fails")
		return nil
	}
	for i, m := range slices.Backward(v.pending) {
		switch {
		case m.Down == nil:
			continue
		case m.Down.Irreversible != "" || m.Down.Todo:
			if slices.ContainsFunc(v.pending[:i], func(m pendingFile) bool { return m.Down != nil }) {
				v.note("down files below " + m.Down.Path + " are not observed: `rung down` comes no further")
			}
			return nil
		}
		first := len(o.all)
		if err := o.file(ctx, m.Version, runner.Down, m.Down, 0, v.report.TimeZone); err != nil {
			return err
		}
		if slices.ContainsFunc(o.all[first:], func(s *Observed) bool { return s.Failed != "" }) {
			return nil
		}
	}
	return nil
}
