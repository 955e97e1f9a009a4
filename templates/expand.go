package templates

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/internal/shell"
	"rung/templates/internal/contract"
	"rung/templates/internal/mistake"
	"rung/templates/internal/oncitus"
	"rung/templates/internal/task"
)

// Expand writes a template's files. With in.DB nil it works from the
// parameters alone, as far as the template can.
func (set Set) Expand(ctx context.Context, name string, in *Input) ([]File, error) {
	t, err := set.Find(name)
	if err != nil {
		return nil, err
	}
	files, err := set.expand(ctx, order{t, maps.Clone(in.Params)}, in)
	if in.DB != nil {
		err = mistake.FirstOf(err, in.DB.End(ctx))
	}
	return files, err
}

// order is what a person asked for; a strategy may carry it out.
type order struct {
	*Template
	given map[string]string
}

func (set Set) expand(ctx context.Context, asked order, in *Input) (files []File, err error) {
	if err := asked.check(in.Params); err != nil {
		return nil, err
	}
	did := asked.Template
	work, background, err := asked.late(in)
	if err != nil {
		return nil, err
	}
	if asked.choose != nil {
		name, chosen, err := asked.choose(ctx, work)
		if err == nil {
			did, err = set.Find(name)
		}
		if err == nil && background && !did.takes("background") {
			err = mistake.New("strategy "+name+" has no batches that could run in the background", "leave background out, or give another strategy")
		}
		if err == nil {
			err = did.check(chosen.Params)
		}
		if err != nil {
			return nil, err
		}
		work = chosen
	}
	if did.ours() {
		if err := oncitus.Check(ctx, work, oncitus.Order{Template: did.Name, Answers: did.citus, Of: did.of(work), TakesWay: did.takes("way")}); err != nil {
			return nil, err
		}
	}
	data, err := did.data(ctx, work)
	if err == nil {
		work.SayThrowaway(asked.Name, did.Name)
	}
	in.Report, in.Unseen = work.Report, work.Unseen
	if err != nil {
		return nil, err
	}
	files, err = did.render(asked.head(did.Name, in), data)
	if err == nil && background {
		err = inBackground(in, asked.Name, files)
	}
	for i := range files {
		err = mistake.FirstOf(err, oncitus.Write(work, did.Name, &files[i].Up, &files[i].Down))
	}
	if err == nil && did.ours() {
		err = sayLocks(files, data)
	}
	if err != nil {
		return nil, err
	}
	return files, nil
}

// of are the parameters that name the table or the type: a contract's are those of what
// it is a contract of.
func (t *Template) of(in *Input) map[string]string {
	if t.takes("of") {
		return contract.Of(in)
	}
	return in.Params
}

// data is what the body sees: the parameters, and what the analysis found.
func (t *Template) data(ctx context.Context, in *Input) (map[string]any, error) {
	// On a Citus cluster an UPDATE takes no function that is not IMMUTABLE, nor a row lock
	// over several shards: there some bodies say it otherwise.
	data := map[string]any{"cluster": in.Cluster != ""}
	for _, p := range t.Params {
		data[p.Name] = in.Params[p.Name]
	}
	if t.analyze == nil {
		return data, nil
	}
	found, err := t.analyze(ctx, in)
	if err == nil {
		maps.Copy(data, task.Fields(found))
	}
	return data, err
}

// head names the template that was asked for and its parameters, so that the
// file can be written again, and the template that did it, if another one.
func (asked order) head(did string, in *Input) string {
	line := "-- Written by rung: --template " + asked.Name
	for _, p := range asked.Params {
		if value, given := asked.given[p.Name]; given {
			line += " --set " + shell.Quote(p.Name+"="+value)
		}
	}
	if did != asked.Name {
		line += "\n-- Strategy: " + did + "."
	}
	if in.DB == nil {
		line += "\n-- Written --offline, without a look at the schema: check names and types."
		for _, what := range in.Unseen {
			line += "\n-- Not looked at: " + what + "."
		}
	}
	return line + "\n\n"
}

// expressions are the parameters that stand in the files as they are.
var expressions = []string{"value", "where", "default", "back"}

// ownQuotes are the dollar quotes that templates write.
var ownQuotes = lazyre.New(`\$(check|function)\$`)

// check refuses parameters that the template does not take, or lacks.
func (t *Template) check(given map[string]string) error {
	var known []string
	for _, p := range t.Params {
		known = append(known, p.Name)
	}
	// A name that is not known first: it may be the one that is missing, misspelt.
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			return mistake.Unknown("parameter of template "+t.Name, name, known)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		// Enum values are written otherwise.
		if m := ownQuotes.FindString(given[name]); m != "" && t.ours() && !strings.Contains(t.Name, "enum") {
			return mistake.Refusef("%s=%s has %s in it, which the files have around their functions", name, given[name], m)
		}
		// What comes behind it on its line would be lost.
		if before, _, _ := pgtext.CutOutsideQuotes(given[name], "--"); slices.Contains(expressions, name) && before != given[name] && t.ours() {
			return mistake.New(fmt.Sprintf("%s=%s has a comment in it", name, given[name]), "leave it out, or write it as /* … */")
		}
	}
	for _, p := range t.Params {
		if _, ok := given[p.Name]; !ok && !p.Optional {
			return mistake.New(fmt.Sprintf("template %s needs %s: %s", t.Name, p.Name, p.Usage), "give it by --set "+p.Name+"=…")
		}
	}
	return nil
}
