package cli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/runner"
)

// metrics writes what a run has come to as OpenMetrics text, for the textfile
// collector of Prometheus' node_exporter: while a backfill runs, and at the end.
// The file is replaced as a whole, so that nobody reads half of one.
type metrics struct {
	path string

	mu      sync.Mutex
	runs    map[string]*measured // by target; "" where there is one database
	written time.Time
	failed  error
}

// measured is what is known of the run on one database.
type measured struct {
	server, database, target string

	ended   bool
	applied int
	pending int
	failed  bool
	done    int
	took    time.Duration
	at      time.Time
	batches map[string]runner.Progress // by version and step
	lag     time.Duration
	// background are the background backfills that are not done; nil where that was not
	// asked.
	background []runner.Background
}

func metricsFlag() ucli.Flag {
	return &ucli.StringFlag{Name: "metrics", Usage: "write OpenMetrics text to `FILE` while a backfill runs and at the end, for node_exporter's textfile collector"}
}

// metricsEvery is how often the file is written while a backfill runs.
const metricsEvery = time.Second

// newMetrics refuses a file that cannot be written, before anything runs. It is nil
// where none is asked for.
func newMetrics(path string) (*metrics, error) {
	if path == "" {
		return nil, nil
	}
	m := &metrics{path: path, runs: map[string]*measured{}}
	f, err := os.CreateTemp(filepath.Dir(path), ".rung-metrics-*")
	if err != nil {
		return nil, fault.Usagef("its directory must be there, and rung may have to write in it", "--metrics: %w", err)
	}
	return m, errors.Join(f.Close(), os.Remove(f.Name()))
}

// hear takes in what happens on one target, and passes it on.
func (m *metrics) hear(target string, events func(runner.Event)) func(runner.Event) {
	if m == nil {
		return events
	}
	return func(e runner.Event) {
		m.mu.Lock()
		r := m.run(target)
		switch e := e.(type) {
		case runner.RunStarted:
			r.server, r.database = e.Server, e.Database
		case runner.BatchDone:
			r.batches[fmt.Sprintf("version=%q,step=\"%d\"", e.Progress.Version, e.Progress.Step)] = e.Progress
			m.write(metricsEvery)
		case runner.Queue:
			r.background = e.Background
			m.write(0)
		case runner.WaitingForReplica:
			r.lag = e.Lag
			m.write(metricsEvery)
		case runner.RunFinished:
			r.took = e.Took
		}
		m.mu.Unlock()
		events(e)
	}
}

func (m *metrics) run(target string) *measured {
	if m.runs[target] == nil {
		m.runs[target] = &measured{target: target, batches: map[string]runner.Progress{}}
	}
	return m.runs[target]
}

// end takes in how the run on a target ended.
func (m *metrics) end(target string, rep *runner.Report, err error) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.run(target)
	r.ended, r.failed, r.at = true, err != nil, time.Now()
	r.background = rep.Background
	r.applied, r.done, r.pending = rep.InPlace, len(rep.Done), 0
	if rep.Plan != nil {
		r.pending = max(len(rep.Plan.Actions)-len(rep.Done), 0) + len(rep.Plan.Waiting)
	}
	m.write(metricsEvery)
}

// write replaces the file, unless that was done a moment ago.
func (m *metrics) write(every time.Duration) {
	if time.Since(m.written) < every {
		return
	}
	m.written = time.Now()
	m.failed = replaceFile(m.path, []byte(m.text()))
}

// text is the file. All are gauges: they tell of the last run, not of all of them.
func (m *metrics) text() string {
	var b strings.Builder
	targets := slices.Sorted(maps.Keys(m.runs))
	gauge := func(name, help string, of func(r *measured, say func(labels string, value float64))) {
		fmt.Fprintf(&b, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help)
		for _, target := range targets {
			r := m.runs[target]
			of(r, func(labels string, value float64) {
				fmt.Fprintf(&b, "%s{%s%s} %g\n", name, r.labels(), labels, value)
			})
		}
	}
	atEnd := func(value func(r *measured) float64) func(*measured, func(string, float64)) {
		return func(r *measured, say func(string, float64)) {
			if r.ended {
				say("", value(r))
			}
		}
	}
	ofBatches := func(value func(p runner.Progress) float64) func(*measured, func(string, float64)) {
		return func(r *measured, say func(string, float64)) {
			for _, step := range slices.Sorted(maps.Keys(r.batches)) {
				say(","+step, value(r.batches[step]))
			}
		}
	}
	gauge("rung_applied_migrations", "Migrations in place behind the last up.", atEnd(func(r *measured) float64 { return float64(r.applied) }))
	gauge("rung_pending_migrations", "Migrations that the last up left pending.", atEnd(func(r *measured) float64 { return float64(r.pending) }))
	gauge("rung_up_failed", "Whether the last up failed.", atEnd(func(r *measured) float64 {
		if r.failed {
			return 1
		}
		return 0
	}))
	gauge("rung_up_migrations", "Migrations that the last up applied.", atEnd(func(r *measured) float64 { return float64(r.done) }))
	gauge("rung_up_duration_seconds", "How long the last up took.", atEnd(func(r *measured) float64 { return r.took.Seconds() }))
	gauge("rung_up_timestamp_seconds", "When the last up ended.", atEnd(func(r *measured) float64 { return float64(r.at.Unix()) }))
	gauge("rung_backfill_keys", "Keys that a backfill has walked.", ofBatches(func(p runner.Progress) float64 { return float64(p.Keys) }))
	gauge("rung_backfill_keys_estimate", "About how many keys it has.", ofBatches(func(p runner.Progress) float64 { return float64(p.Total) }))
	gauge("rung_backfill_rows", "Rows that a backfill has changed.", ofBatches(func(p runner.Progress) float64 { return float64(p.Rows) }))
	gauge("rung_backfill_keys_per_second", "How fast it is.", ofBatches(func(p runner.Progress) float64 { return p.Rate }))
	inState := func(states ...runner.BackfillState) func(*measured, func(string, float64)) {
		return func(r *measured, say func(string, float64)) {
			n := 0
			for _, b := range r.background {
				if slices.Contains(states, b.State) {
					n++
				}
			}
			say("", float64(n))
		}
	}
	gauge("rung_background_registered", "Background backfills that no worker has.", inState(runner.BackfillWaits))
	gauge("rung_background_running", "Background backfills that a worker has.", inState(runner.BackfillRuns))
	gauge("rung_background_failed", "Background backfills that have failed.", inState(runner.BackfillFailed))
	gauge("rung_replica_lag_seconds", "The lag for which a backfill waited last.", func(r *measured, say func(string, float64)) { say("", r.lag.Seconds()) })
	b.WriteString("# EOF\n")
	return b.String()
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func (r *measured) labels() string {
	all := fmt.Sprintf(`server="%s",database="%s"`, labelEscapes.Replace(cmp.Or(r.server, "unknown")), labelEscapes.Replace(cmp.Or(r.database, "unknown")))
	if r.target != "" {
		all += fmt.Sprintf(`,target="%s"`, labelEscapes.Replace(r.target))
	}
	return all
}
