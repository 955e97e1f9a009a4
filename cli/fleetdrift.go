package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/fleet"
	"rung/proof"
)

// drift finds the targets whose schema is another than that of the others at the
// same version.
type drift struct {
	hidden  []string // schemas that are none of the user's
	targets []fleet.Target
	sums    []string // of each target's schema; "" where it was not read
	found   []jsonDrift
}

// jsonDrift is a target whose schema differs.
type jsonDrift struct {
	Target string `json:"target"`
	// From is one of those that most others are like.
	From        string   `json:"from"`
	Differences []string `json:"differences"`
}

// read reads one target's schema. Only its sum is kept. Those of targets that are
// schemas of one database are read all at once, by readAll.
func (d *drift) read(ctx context.Context, task *fleet.Task) error {
	if task.Target.Scope != "" {
		return nil
	}
	s, err := proof.ReadSchema(ctx, task.Target.Conn, d.hidden)
	if err == nil {
		d.sums[task.Index] = s.Sum()
	}
	return err
}

// readAll reads the sums of targets that are schemas, but for those that failed.
func (d *drift) readAll(ctx context.Context, results []memberResult) error {
	var names []string
	for i, t := range d.targets {
		if t.Scope != "" && results[i].code == 0 {
			names = append(names, t.Scope)
		}
	}
	if len(names) == 0 {
		return nil
	}
	sums, err := proof.SchemaSums(ctx, d.targets[0].Conn, d.hidden, names)
	for i, t := range d.targets {
		d.sums[i] = sums[t.Scope]
	}
	return err
}

// schema reads all of one target's schema.
func (d *drift) schema(ctx context.Context, i int) (*proof.Schema, error) {
	t := d.targets[i]
	if t.Scope == "" {
		return proof.ReadSchema(ctx, t.Conn, d.hidden)
	}
	hidden := slices.Clone(d.hidden)
	for _, other := range d.targets {
		if other.Scope != t.Scope {
			hidden = append(hidden, other.Scope)
		}
	}
	return proof.ReadSchemaNamed(ctx, t.Conn, hidden, t.Scope)
}

// find compares the sums by version, and reads again what differs: a schema of
// each kind, not one of each target.
func (d *drift) find(ctx context.Context, results []memberResult) {
	kinds := map[string]map[string][]int{} // by version and sum, the targets
	for i, sum := range d.sums {
		if sum == "" {
			continue
		}
		at := results[i].at
		if kinds[at] == nil {
			kinds[at] = map[string][]int{}
		}
		kinds[at][sum] = append(kinds[at][sum], i)
	}
	differ := map[string][]string{} // by sum, from the usual one
	for i, sum := range d.sums {
		if sum == "" {
			continue
		}
		of := kinds[results[i].at]
		usual := i
		for _, all := range of {
			if n, most := len(all), len(of[d.sums[usual]]); n > most || n == most && all[0] < usual {
				usual = all[0]
			}
		}
		if d.sums[usual] == sum {
			continue
		}
		key := results[i].at + " " + sum
		if _, known := differ[key]; !known {
			differ[key] = d.compare(ctx, i, usual)
		}
		results[i].state += ", schema differs"
		d.found = append(d.found, jsonDrift{results[i].name, results[usual].name, differ[key]})
	}
}

// compare says what differs. A target that cannot be read any more differs all
// the same.
func (d *drift) compare(ctx context.Context, i, usual int) []string {
	is, err := d.schema(ctx, i)
	if err != nil {
		return []string{fault.Message(err)}
	}
	other, err := d.schema(ctx, usual)
	if err != nil {
		return []string{fault.Message(err)}
	}
	return show.List(is.Differences(other))
}

// differencesText names the first differences, and counts the rest.
func differencesText(all []string) string {
	const most = 5
	if len(all) <= most {
		return strings.Join(all, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(all[:most], "; "), len(all)-most)
}
