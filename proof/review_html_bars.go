package proof

import (
	"fmt"
	"slices"
	"strconv"
)

// fileRun is the run of one file: a stretch of the same width for each statement.
type fileRun struct{ statements []*Observed }

// percent is where statement i begins.
func (r fileRun) percent(i int) string {
	return strconv.FormatFloat(float64(i)*100/float64(len(r.statements)), 'f', 2, 64)
}

func (r fileRun) width(from, to int) string {
	return strconv.FormatFloat(float64(to-from)*100/float64(len(r.statements)), 'f', 2, 64)
}

// span are the statements during which a lock is held: from the one that takes
// it to the last one of its transaction.
func (r fileRun) span(i int, l Lock) (from, to int) {
	s := r.statements[i]
	from, to = i, i+1
	for from > 0 && r.statements[from].Line > l.Since {
		from--
	}
	for to < len(r.statements) && r.statements[to].Line <= s.EndLine {
		to++
	}
	return from, to
}

// ticks are the borders of the statements, while there is room for them.
func (r fileRun) ticks() (all []string) {
	if len(r.statements) > 40 {
		return nil
	}
	for i := 1; i < len(r.statements); i++ {
		all = append(all, r.percent(i))
	}
	return all
}

func (r fileRun) part(class string, from, to int) pagePart {
	return pagePart{Class: class, X: r.percent(from), Width: r.width(from, to)}
}

// class is the colour of a lock.
func (l Lock) class() string {
	switch {
	case l.New:
		return "made"
	case l.Mode.blocksReads():
		return "both"
	case l.Mode.blocksWrites():
		return "writes"
	}
	return "none"
}

// locks are those under which a statement runs, on what was there before.
func (b *pageBuilder) locks(r fileRun, i int) (all []pageLock) {
	s := r.statements[i]
	for _, l := range s.Locks {
		if l.New {
			continue
		}
		from, to := r.span(i, l)
		shown := b.lock(l)
		shown.Says = l.says(s)
		shown.Bar = pageBar{
			Says: fmt.Sprintf("%s on %s, %s", l.Mode, l.Relation, shown.Says),
			Now:  true, NowX: r.percent(i), NowWidth: r.width(i, i+1), Parts: []pagePart{r.part(l.class(), from, to)}, Ticks: r.ticks(),
		}
		all = append(all, shown)
	}
	return all
}

// says is what a lock stops, and since when and until when.
func (l Lock) says(s *Observed) string {
	text := l.Blocks + " wait"
	if l.Blocks == "" {
		text = "neither reads nor writes wait"
	}
	return text + l.during(s, "since")
}

func (b *pageBuilder) lock(l Lock) pageLock {
	shown := pageLock{Relation: l.Relation, Mode: string(l.Mode)}
	for _, r := range b.report.Relations {
		if r.Relation == l.Relation {
			shown.Size = sizeText(r.Rows, r.Bytes, r.WritesPerSecond, r.ScansPerSecond)
		}
	}
	return shown
}

// chart shows each relation that was there before with all the locks of a file,
// the strongest first.
func (b *pageBuilder) chart(r fileRun) (all []pageLock) {
	strongest := map[string]LockMode{}
	for i, s := range r.statements {
		for _, l := range s.Locks {
			if l.New {
				continue
			}
			at := slices.IndexFunc(all, func(other pageLock) bool { return other.Relation == l.Relation })
			if at < 0 {
				shown := b.lock(l)
				shown.Bar.Ticks = r.ticks()
				at, all = len(all), append(all, shown)
			}
			strongest[l.Relation] = stronger(strongest[l.Relation], l.Mode)
			if l.Since == s.Line { // it is taken or strengthened here
				from, to := r.span(i, l)
				all[at].Bar.Parts = append(all[at].Bar.Parts, r.part(l.class(), from, to))
			}
		}
	}
	for i := range all {
		mode := strongest[all[i].Relation]
		all[i].Mode, all[i].Says = string(mode), Lock{Blocks: mode.blocks()}.says(&Observed{})
		all[i].Bar.Says = fmt.Sprintf("at most %s on %s: %s", mode, all[i].Relation, all[i].Says)
	}
	slices.SortStableFunc(all, func(x, y pageLock) int {
		return strongest[y.Relation].strength() - strongest[x.Relation].strength()
	})
	return all
}
