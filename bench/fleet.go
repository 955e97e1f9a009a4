package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	fleetSchemas, quickFleetSchemas     = 2000, 50
	fleetDatabases, quickFleetDatabases = 300, 6
	fleetVersions                       = 20
	fleetIdleLimit                      = 500 * time.Millisecond
	fleetBareShare                      = 1.3
	fleetLoopShare                      = 0.5
	fleetMemory                         = 60 << 20
)

// fleet asks what one run over many schemas, and over many databases, costs.
func (b *bench) fleet(ctx context.Context, opts options) ([]section, error) {
	schemas, databases := fleetSchemas, fleetDatabases
	if opts.quick {
		schemas, databases = quickFleetSchemas, quickFleetDatabases
	}
	dir := filepath.Join(b.workDir, "fleet")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	f := &fleetBench{b, dir, 0}
	for range fleetVersions {
		if err := f.file(); err != nil {
			return nil, err
		}
	}
	one, err := f.schemas(ctx, schemas)
	if err != nil {
		return nil, err
	}
	two, err := f.databases(ctx, databases)
	return []section{one, two}, err
}

type fleetBench struct {
	*bench
	dir     string
	version int
}

// file writes the next migration: a column and an index for each tenant.
func (f *fleetBench) file() error {
	f.version++
	return writeMigration(f.dir, pairLayout, migration{version: f.version, up: tenantSQL(f.version), down: fmt.Sprintf("ALTER TABLE users DROP COLUMN c%d;\n", f.version)})
}

func tenantSQL(version int) string {
	if version == 1 {
		return "CREATE TABLE users (id bigint PRIMARY KEY, c1 int);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\n"
	}
	return fmt.Sprintf("ALTER TABLE users ADD COLUMN c%[1]d int;\nCREATE INDEX users_c%[1]d ON users (c%[1]d);\n", version)
}

func (f *fleetBench) rung(ctx context.Context, address string, args ...string) (sample, error) {
	return measureProcess(ctx, f.workDir, f.binaries["rung"].path, append(args, "--dir", f.dir, "--database-url", address, "--quiet"))
}

// schemas measures tenants that are schemas of one database.
func (f *fleetBench) schemas(ctx context.Context, n int) (s section, err error) {
	err = f.server.withDatabase(ctx, func(name string) error {
		address := f.server.URL(name)
		if err := f.server.in(name, func(db *sql.DB) error {
			for i := range n {
				if _, err := db.ExecContext(ctx, fmt.Sprintf("CREATE SCHEMA tenant_%d", i+1)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		first, err := f.rung(ctx, address, "up", "--each-schema", "tenant_*", "--parallel", "2")
		if err != nil {
			return err
		}
		f.progress("fleet: the first up of %d schemas %s", n, seconds(first.wall))
		var idle, pending, bare []time.Duration
		var memory int64
		for run := range f.runs {
			if err := f.file(); err != nil {
				return err
			}
			one, err := f.rung(ctx, address, "up", "--each-schema", "tenant_*", "--parallel", "2")
			if err != nil {
				return err
			}
			nothing, err := f.rung(ctx, address, "up", "--each-schema", "tenant_*")
			if err != nil {
				return err
			}
			psql, err := f.psql(ctx, address, n, run)
			if err != nil {
				return err
			}
			idle, pending, bare = append(idle, nothing.wall), append(pending, one.wall), append(bare, psql.wall)
			memory = max(memory, one.maxRSS, nothing.maxRSS)
			f.progress("fleet, run %d: one file %s, nothing to do %s, psql %s", run+1, seconds(one.wall), seconds(nothing.wall), seconds(psql.wall))
		}
		share := median(pending).Seconds() / median(bare).Seconds()
		s = section{
			title: fmt.Sprintf("%d schemas of one database, %d versions each", n, fleetVersions),
			note:  "A file adds a column and an index. psql runs the bare SQL, a transaction for each schema, over one connection.",
			head:  []string{"", "median", "a schema"},
			lines: [][]string{
				{"nothing to do", seconds(median(idle)), seconds(median(idle) / time.Duration(n))},
				{"one pending file each, --parallel 2", seconds(median(pending)), seconds(median(pending) / time.Duration(n))},
				{"psql", seconds(median(bare)), seconds(median(bare) / time.Duration(n))},
				{"all files, --parallel 2", seconds(first.wall), seconds(first.wall / time.Duration(n))},
			},
			promises: []promise{
				{fmt.Sprintf("fleet: nothing to do for %d schemas under %s", n, seconds(fleetIdleLimit)), median(idle) < fleetIdleLimit, seconds(median(idle))},
				{fmt.Sprintf("fleet: one file for %d schemas in at most %.1f of psql's time", n, fleetBareShare), share <= fleetBareShare, ratioText(share)},
				{"fleet: resident memory under 60 MB", memory < fleetMemory, fmt.Sprintf("%d MB", memory>>20)},
			},
		}
		return nil
	})
	return s, err
}

// psql runs what the newest file does, with another column, in each schema.
func (f *fleetBench) psql(ctx context.Context, address string, n, run int) (sample, error) {
	script := filepath.Join(f.workDir, "fleet.sql")
	text := strings.Builder{}
	for i := range n {
		fmt.Fprintf(&text, "BEGIN; SET LOCAL search_path = tenant_%d;\n%sCOMMIT;\n", i+1, strings.ReplaceAll(tenantSQL(f.version), fmt.Sprintf("c%d", f.version), fmt.Sprintf("bare%d", run)))
	}
	if err := os.WriteFile(script, []byte(text.String()), 0o600); err != nil {
		return sample{}, err
	}
	defer os.Remove(script)
	return measureProcess(ctx, f.workDir, filepath.Join(f.server.BinDir, "psql"), []string{address, "-Xq", "-v", "ON_ERROR_STOP=1", "-f", script})
}

// databases measures tenants that are databases of one server.
func (f *fleetBench) databases(ctx context.Context, n int) (s section, err error) {
	var names []string
	defer func() {
		for _, name := range names {
			_ = f.server.in("postgres", func(db *sql.DB) error {
				_, err := db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name)
				return err
			})
		}
	}()
	for i := range n {
		name := fmt.Sprintf("fleet_%d", i+1)
		if err := f.server.in("postgres", func(db *sql.DB) error {
			_, err := db.ExecContext(ctx, "CREATE DATABASE "+name)
			return err
		}); err != nil {
			return s, err
		}
		names = append(names, name)
	}
	address := f.server.URL("postgres")
	if _, err := f.rung(ctx, address, "up", "--each-database", "fleet_*"); err != nil {
		return s, err
	}
	var whole, loop []time.Duration
	var memory int64
	for run := range f.runs {
		if err := f.file(); err != nil {
			return s, err
		}
		one, err := f.rung(ctx, address, "up", "--each-database", "fleet_*", "--parallel", "8")
		if err != nil {
			return s, err
		}
		if err := f.file(); err != nil {
			return s, err
		}
		began := time.Now()
		for _, name := range names {
			u, err := url.Parse(address)
			if err != nil {
				return s, err
			}
			u.Path = "/" + name
			if _, err := f.rung(ctx, u.String(), "up"); err != nil {
				return s, err
			}
		}
		whole, loop, memory = append(whole, one.wall), append(loop, time.Since(began)), max(memory, one.maxRSS)
		f.progress("fleet, run %d: %d databases %s, loop %s", run+1, n, seconds(one.wall), seconds(loop[run]))
	}
	share := median(whole).Seconds() / median(loop).Seconds()
	return section{
		title: fmt.Sprintf("%d databases of one server, one pending file each", n),
		head:  []string{"", "median", "a database"},
		lines: [][]string{
			{"rung up --each-database, --parallel 8", seconds(median(whole)), seconds(median(whole) / time.Duration(n))},
			{"a loop over rung up", seconds(median(loop)), seconds(median(loop) / time.Duration(n))},
		},
		promises: []promise{
			{fmt.Sprintf("fleet: %d databases in at most %.1f of the time of a loop", n, fleetLoopShare), share <= fleetLoopShare, ratioText(share)},
			{"fleet: resident memory under 60 MB, over databases too", memory < fleetMemory, fmt.Sprintf("%d MB", memory>>20)},
		},
	}, nil
}
