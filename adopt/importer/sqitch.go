package importer

import (
	"path"
	"strconv"
	"strings"

	"rung/internal/english"
	"rung/internal/lazyre"

	"rung/internal/script"
)

const sqitchPlan = "sqitch.plan"

var (
	sqitchChange = lazyre.New(`^\s*([-+]?)\s*([^\s@#%\[][^\s@\[]*)\s+(?:\[[^\]]*\]\s+)?\d{4}-\d\d-\d\dT`)
	sqitchTag    = lazyre.New(`^\s*@(\S+)\s`)
	sqitchDirs   = lazyre.New(`^\s*(top_dir|deploy_dir|revert_dir|plan_file|extension)\s*=\s*(.*)$`)
)

func isSqitch(d *directory) bool { return d.has(sqitchPlan) }

// sqitchStep is a change of the plan.
type sqitchStep struct {
	name string
	line int
	// script is the name of its files: a change that was reworked later has
	// the first tag behind it in theirs.
	script string
}

func readSqitch(r *reader) {
	r.sqitchSettings()
	steps := r.sqitchPlan()
	width := max(4, len(strconv.Itoa(len(steps))))
	for i, step := range steps {
		deploy, revert := "deploy/"+step.script+".sql", "revert/"+step.script+".sql"
		if !r.has(deploy) {
			r.refuse(sqitchPlan, step.line, "names "+deploy+", which is not there", "bring it back")
			continue
		}
		p := Pair{Version: zeroPadded(strconv.Itoa(i+1), width), Name: step.name, Was: step.script, Sources: []string{deploy}, Up: r.sqitchText(deploy)}
		if r.has(revert) {
			p.Down, p.Sources = r.sqitchText(revert), append(p.Sources, revert)
		}
		r.add(p)
	}
	verify := 0
	for _, p := range r.paths {
		if strings.HasPrefix(p, "verify/") && isSQL(p) {
			verify, r.read[p] = verify+1, true
		}
	}
	if verify > 0 {
		r.note("verify", 0, english.Count(verify, "script")+" "+english.IsOrAre(verify)+" not imported: rung has no counterpart", "`rung verify` proves that each down undoes its up")
	}
}

// sqitchSettings refuses a layout that is not the default.
func (r *reader) sqitchSettings() {
	const conf = "sqitch.conf"
	if !r.has(conf) {
		return
	}
	standard := map[string]string{"top_dir": ".", "deploy_dir": "deploy", "revert_dir": "revert", "plan_file": sqitchPlan, "extension": "sql"}
	for i, text := range r.open(conf).lines {
		if m := sqitchDirs.FindStringSubmatch(text); m != nil && path.Clean(strings.TrimSpace(m[2])) != standard[m[1]] {
			r.refuse(conf, i+1, "the scripts are elsewhere: "+strings.TrimSpace(text), "move them to deploy/ and revert/ beside sqitch.plan, and take the setting out")
		}
	}
}

// sqitchPlan reads the changes in their order.
func (r *reader) sqitchPlan() (steps []sqitchStep) {
	open, tag := map[string]int{}, map[string]string{}
	for i, text := range r.open(sqitchPlan).lines {
		trimmed := strings.TrimSpace(text)
		if trimmed == "" || strings.HasPrefix(trimmed, "%") || strings.HasPrefix(trimmed, "#") {
			continue
		}
		if m := sqitchTag.FindStringSubmatch(text); m != nil {
			for name := range open {
				if tag[name] == "" {
					tag[name] = m[1]
				}
			}
			continue
		}
		m := sqitchChange.FindStringSubmatch(text)
		if m == nil || m[1] == "-" {
			r.refuse(sqitchPlan, i+1, "is no change that rung can import", "it reads `NAME [REQUIRED] TIME PLANNER <MAIL>`")
			continue
		}
		name := m[2]
		if was, again := open[name]; again {
			if tag[name] == "" {
				r.refuse(sqitchPlan, i+1, "reworks "+name+" without a tag in between", "tag the plan above it")
			}
			steps[was].script = name + "@" + tag[name]
			tag[name] = ""
		}
		open[name] = len(steps)
		steps = append(steps, sqitchStep{name: name, line: i + 1, script: name})
	}
	return steps
}

// sqitchText is a script of psql's.
func (r *reader) sqitchText(p string) *Text {
	s := r.open(p)
	t := whole(s)
	before, apart := t.String(), script.ApartFromPsql(t.String())
	for i := range len(before) {
		if before[i] != apart[i] { // a blank behind the colon
			r.refuse(p, strings.Count(before[:i], "\n")+1, "psql puts the value of a variable in behind this colon", "write the value in; where it is an array's slice, put a blank behind the colon")
			break
		}
	}
	return t
}
