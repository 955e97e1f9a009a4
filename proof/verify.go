package proof

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"rung/runner"
)

// VerifyConfig says what Verify is to do.
type VerifyConfig struct {
	// Dir is the directory. It must have files.
	Dir *runner.Directory
	// Runner has the limits and the history schema that the files run with.
	// Its Conn, Dir, Role and Events are not used.
	Runner runner.Config
	// Scratch says where. Defaults to a sandbox for each worker.
	Scratch ScratchConfig
	// From leaves out the versions below it. Defaults to none.
	From *runner.Version
	// Only are the versions to verify. Defaults to all.
	Only []runner.Version
	// Seeds are files with rows. Defaults to none.
	Seeds []Seed
	// AutoSeed makes rows for the tables that a version touches.
	AutoSeed bool
	// Jobs is how many parts of the directory are verified at a time. Defaults
	// to the number of cores.
	Jobs int
	// Dump adds the difference of two pg_dumps to a version whose schema differs.
	Dump bool
	// Progress hears of each version that is done, one at a time. Defaults to nobody.
	Progress func(VerifyProgress)
}

// VerifyProgress is a version that is done.
type VerifyProgress struct {
	Done, Total int
	Result      VersionResult
}

// verification is one run of Verify.
type verification struct {
	VerifyConfig
	all    []*runner.Migration // those with an up file, in order
	chosen []int               // the indexes in all of those to verify

	mu      sync.Mutex // guards what follows
	results map[int]VersionResult
	notes   []string
	seeded  int   // rows that --seed auto made
	failure error // of the up that no walk comes past
	server  string
}

// Verify runs each chosen version up, down and up again on a scratch server and
// tells what is not as it was. The error is that of the scratch server or of the
// context; what the migrations did wrong is in the report.
func Verify(ctx context.Context, cfg VerifyConfig) (*VerifyReport, error) {
	began := time.Now()
	v := &verification{VerifyConfig: cfg, results: map[int]VersionResult{}}
	for _, m := range cfg.Dir.Migrations {
		if m.Up != nil {
			v.all = append(v.all, m)
		}
	}
	if err := v.choose(); err != nil {
		return &VerifyReport{}, err
	}
	if err := refuseServerWide(v.Scratch, v.all); err != nil {
		return &VerifyReport{}, err
	}
	err := v.work(ctx)
	r := v.report()
	r.Took = time.Since(began)
	return r, err
}

// choose notes which versions are to be verified.
func (v *verification) choose() error {
	if v.From != nil && v.Dir.Find(*v.From) == nil {
		return &runner.RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", *v.From, v.Dir.Label), Hint: "`rung status` lists them"}
	}
	for i, m := range v.all {
		switch {
		case v.From != nil && m.Version.Compare(*v.From) < 0:
		case v.Only != nil && !slices.Contains(v.Only, m.Version):
		default:
			v.chosen = append(v.chosen, i)
		}
	}
	return v.checkSeeds()
}

// fewest is how many versions are worth a worker, with a server to start.
const fewest = 8

// work shares the chosen versions out among workers.
func (v *verification) work(ctx context.Context) error {
	if len(v.chosen) == 0 {
		return nil
	}
	jobs := v.Jobs
	if jobs <= 0 {
		jobs = runtime.NumCPU()
	}
	jobs = max(1, min(jobs, (len(v.chosen)+fewest-1)/fewest))
	if v.Scratch.Conn != nil && jobs > 1 && v.makesRoles() {
		jobs = 1
		v.note("the files make or change roles, which all databases of a server share: one worker instead of several")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	errs := make([]error, jobs)
	for n, part := range shares(v.chosen, len(v.all), jobs) {
		wg.Go(func() {
			if errs[n] = v.worker(ctx, part); errs[n] != nil {
				cancel(errs[n])
			}
		})
	}
	wg.Wait()
	for _, err := range errs { // the first one, not those that it ended
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

// shares cuts the chosen versions into parts that take about as long each: the
// catalog grows with the versions, and with it what a snapshot costs.
func shares(chosen []int, all, parts int) [][]int {
	weight := func(i int) int { return all + i }
	total := 0
	for _, i := range chosen {
		total += weight(i)
	}
	out := make([][]int, parts)
	sum := 0
	for _, i := range chosen {
		n := min(sum*parts/total, parts-1)
		out[n] = append(out[n], i)
		sum += weight(i)
	}
	return out
}

func (v *verification) worker(ctx context.Context, part []int) (err error) {
	if len(part) == 0 {
		return nil
	}
	w := &walker{verification: v, cache: rowCache{}}
	if w.scratch, err = OpenScratch(ctx, v.Scratch); err != nil {
		return err
	}
	defer func() {
		if w.scratch != nil {
			err = errors.Join(err, w.scratch.Close())
		}
	}()
	defer w.closeReader()
	v.mu.Lock()
	v.server = w.scratch.Name
	v.mu.Unlock()
	return w.run(ctx, part)
}

// note keeps a sentence for the report, once.
func (v *verification) note(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.Contains(v.notes, text) {
		v.notes = append(v.notes, text)
	}
}

// count counts what --seed auto made.
func (v *verification) count(made int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seeded += made
}

// done keeps a version's result and tells it.
func (v *verification) done(i int, r VersionResult) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, known := v.results[i]; known {
		return // another worker has come by the same failure
	}
	v.results[i] = r
	if v.Progress != nil {
		v.Progress(VerifyProgress{Done: len(v.results), Total: len(v.chosen), Result: r})
	}
}

// failed keeps the up failure that stops the walk at the lowest version, over
// what a trial has said of it: the walk has the last word.
func (v *verification) failed(i int, err error) {
	v.mu.Lock()
	if r, known := v.results[i]; known && r.Verdict != UpFails {
		delete(v.results, i)
	}
	v.mu.Unlock()
	v.done(i, resultOf(v.all[i], UpFails, findingOf(UpFails, err)))
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failure == nil {
		v.failure = err
	}
}

func resultOf(m *runner.Migration, verdict Verdict, findings ...Finding) VersionResult {
	return VersionResult{Version: m.Version, Name: m.Name, Title: m.Title(), File: m.Up.Path, Verdict: verdict, Findings: findings}
}

// report puts the results in order; what no worker came to is skipped.
func (v *verification) report() *VerifyReport {
	r := &VerifyReport{Server: v.server, Notes: v.notes, Failure: v.failure}
	for i, m := range v.all {
		result, ok := v.results[i]
		switch {
		case ok:
		case slices.Contains(v.chosen, i):
			result = resultOf(m, Skipped)
			result.Reason = "not reached"
		default:
			continue
		}
		r.Versions = append(r.Versions, result)
	}
	if v.AutoSeed {
		r.Notes = append(r.Notes, fmt.Sprintf("--seed auto made %d rows", v.seeded))
	}
	if n := len(v.all) - len(v.chosen); n > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d of %d versions are left out, as asked", n, len(v.all)))
	}
	for _, m := range v.Dir.Migrations {
		if m.Up == nil {
			r.Notes = append(r.Notes, m.Down.Path+" has no up file and is left out")
		}
	}
	return r
}
