package templates

import (
	"maps"
	"strings"

	"rung/templates/internal/locks"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// late is the task with background=true: the online way, since the direct one has no
// batches that could run later.
func (t *Template) late(in *Input) (work *Input, background bool, err error) {
	if background, err = in.Flag("background"); err != nil || !background || !t.takes("way") {
		return in, background, err
	}
	if in.Params["way"] == "direct" {
		return nil, false, mistake.New("way=direct fills all rows in its one transaction, and background=true later, in batches", "leave one of them out")
	}
	params := maps.Clone(in.Params)
	params["way"] = "online"
	return in.With(params), true, nil
}

// inBackground has `rung work` run what has batches, and the pair behind wait for it.
func inBackground(in *task.Input, template string, files []File) error {
	open, some := 0, false
	for i := range files {
		if strings.Contains(files[i].Up, "\n-- rung:batch ") {
			files[i].Up = directive(files[i].Up, "background")
			open, some = open+1, true
			continue
		}
		files[i].Requires, open = open, 0
	}
	switch {
	case !some:
		return mistake.New("template "+template+" writes no batches here: nothing would run in the background", "leave background out")
	case open > 0:
		in.Sayf("`rung up` registers the backfill, and `rung work` runs it; a later file that needs it says `-- rung:requires` and its version")
	default:
		in.Sayf("`rung up` registers the backfill, and `rung work` runs it; the file behind it waits for that")
	}
	return nil
}

// directive puts one below the comments that the file begins with.
func directive(text, what string) string {
	head, rest, _ := strings.Cut(text, "\n\n")
	if strings.HasPrefix(rest, locks.Mark) {
		said, below, _ := strings.Cut(rest, "\n\n")
		head, rest = head+"\n\n"+said, below
	}
	return head + "\n\n-- rung:" + what + "\n" + strings.TrimPrefix(rest, "\n")
}

// UpText is the up file, once the pairs before it have these versions.
func (f File) UpText(versions []string) string {
	text := f.Up
	for i := range f.Requires {
		text = directive(text, "requires "+versions[len(versions)-1-i])
	}
	return text
}
