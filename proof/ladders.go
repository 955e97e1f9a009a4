package proof

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"

	"github.com/lib/pq"

	"rung/internal/othertool"
	"rung/runner"
)

// LaddersConfig says what CompareLadders is to do.
type LaddersConfig struct {
	// Dir is rung's directory. It must have files.
	Dir *runner.Directory
	// Runner is as of VerifyConfig.
	Runner runner.Config
	// Other applies another tool's directory to the database that its
	// environment names: DATABASE_URL and the PG* variables.
	Other *exec.Cmd
}

// LadderDifference is one thing in which two schemas differ.
type LadderDifference struct {
	// What names it: "index public.t_s", "default of public.t.s".
	What string `json:"what"`
	// Theirs and Ours are its definitions, "" where it is not there.
	Theirs string `json:"theirs,omitempty"`
	Ours   string `json:"ours,omitempty"`
}

// CompareLadders applies both directories, each to an empty database of a
// throwaway server, and lists what differs between the schemas. The history
// tables of both are left out. Rows are not compared: they may hold times.
func CompareLadders(ctx context.Context, cfg LaddersConfig) (all []LadderDifference, err error) {
	w := &walker{verification: &verification{VerifyConfig: VerifyConfig{Dir: cfg.Dir, Runner: cfg.Runner}}}
	if w.scratch, err = OpenScratch(ctx, ScratchConfig{}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.scratch.Close()) }()
	ours, err := w.ours(ctx) // first: it makes the roles that the files name
	if err != nil {
		return nil, err
	}
	theirs, err := w.theirs(ctx, cfg.Other)
	if err != nil {
		return nil, err
	}
	for _, d := range compareFingerprints(theirs, ours) {
		if !d.space {
			all = append(all, LadderDifference{What: d.what, Theirs: d.old, Ours: d.new})
		}
	}
	return all, nil
}

// ours is what rung makes of its directory.
func (w *walker) ours(ctx context.Context) (fingerprint, error) {
	d, err := w.scratch.Create(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := w.up(ctx, d, w.Dir.Migrations[len(w.Dir.Migrations)-1].Version); err != nil {
		return nil, err
	}
	return w.read(ctx, d)
}

// theirs is what the other tool makes of its own.
func (w *walker) theirs(ctx context.Context, command *exec.Cmd) (fingerprint, error) {
	d, err := w.scratch.Create(ctx)
	if err != nil {
		return nil, err
	}
	status, err := w.scratch.server.Run(d.Name, command)
	if err == nil && status != 0 {
		err = fmt.Errorf("it exited with status %d", status)
	}
	if err != nil {
		return nil, fmt.Errorf("apply the other tool's files: %w", err)
	}
	if err := dropHistories(ctx, d); err != nil {
		return nil, fmt.Errorf("take the other tool's history out: %w", err)
	}
	return w.read(ctx, d)
}

func (w *walker) read(ctx context.Context, d *Database) (fingerprint, error) {
	hidden := w.hidden()
	for _, t := range othertool.Tables {
		if t.Schema != "" {
			hidden = append(hidden, t.Schema)
		}
	}
	r, err := openReader(ctx, d, w.scratch.Version, hidden)
	if err != nil {
		return nil, err
	}
	defer r.close()
	return r.fingerprint(ctx, w.scratch.madeRoles())
}

// dropHistories drops the history tables of other tools in a scratch database. What
// lies in a schema of the tool's own stays: read does not look there.
func dropHistories(ctx context.Context, d *Database) error {
	connector, err := pq.NewConnectorConfig(d.Conn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	rows, err := db.QueryContext(ctx, othertool.Candidates(nil))
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []othertool.Candidate
	for rows.Next() {
		var c othertool.Candidate
		if err := rows.Scan(&c.Schema, &c.Name, pq.Array(&c.Columns)); err != nil {
			return err
		}
		found = append(found, c)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, h := range othertool.Recognise(found) {
		if h.Schema != "" {
			continue
		}
		if _, err := db.ExecContext(ctx, "DROP TABLE "+h.Where()); err != nil {
			return err
		}
	}
	return nil
}
