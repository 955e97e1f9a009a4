package plan

import (
	"fmt"
	"strings"

	"rung/runner/internal/files"
)

// topOf is how many migrations the run of that name has applied, 0 for none. They
// must be the newest: what came later would stand on what is no longer there.
func (r *Record) topOf(d *files.Directory, run string) (steps int, err error) {
	var above []string
	for i := len(r.Rows) - 1; i >= 0; i-- {
		row := &r.Rows[i]
		switch {
		case row.Run != run:
			above = append(above, d.Title(row.Version, row.Name))
		case len(above) > 0:
			return 0, &RefusalError{
				Reason: fmt.Sprintf("run %s applied %s, and above it stands what another run applied: %s", run, d.Title(row.Version, row.Name), strings.Join(above, ", ")),
				Hint:   "revert that first: `rung history --json` names its run",
			}
		default:
			steps++
		}
	}
	return steps, nil
}
