// Package proof shows what migrations do before production finds out: verify
// runs each of them up, down and up again and compares schema and data.
//
// Everything happens on a scratch server, in databases that rung made and that
// are gone afterwards. The files run through package runner, as they do in
// production.
package proof

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"rung/internal/sandbox"
	"rung/runner"
)

// ScratchConfig says where scratch databases are made.
type ScratchConfig struct {
	// Conn is a server on which rung may create databases. Defaults to a
	// sandbox: a throwaway server of rung's own.
	Conn *pq.Config
	// Settings go to the sandbox's postgresql.conf. Defaults to none.
	Settings map[string]string
}

// Scratch is a server with databases to try migrations on. On somebody else's
// server nothing but databases whose names rung made is created or dropped.
type Scratch struct {
	// Version is the server's, as server_version_num has it; Name is it for a
	// person: "PostgreSQL 15.20".
	Version int
	Name    string

	server *sandbox.Server // nil for somebody else's server
	conn   pq.Config
	admin  *sql.DB
	prefix string

	mu     sync.Mutex // guards what follows
	count  int
	made   map[string]bool // the databases that are there now
	lacked []lack          // what makeLacking made
}

// Database is one database of a scratch server.
type Database struct {
	Name string
	// Conn says how to connect to it.
	Conn pq.Config
	// sessions are kept from run to run: what a new one reads first takes longer
	// than most migrations.
	sessions runner.Sessions
}

// scratchPrefix starts the name of every scratch database.
const scratchPrefix = "rung_scratch_"

// OpenScratch starts a sandbox, or connects to the server that it is told. The
// caller closes it.
func OpenScratch(ctx context.Context, cfg ScratchConfig) (*Scratch, error) {
	if cfg.Conn != nil {
		return scratchAt(ctx, *cfg.Conn, nil)
	}
	server, err := startSandbox(ctx, cfg.Settings)
	if err != nil {
		return nil, err
	}
	return ScratchOf(ctx, server)
}

// ScratchOf is a Scratch on a sandbox that runs. Close stops it.
func ScratchOf(ctx context.Context, server *sandbox.Server) (*Scratch, error) {
	conn, err := pq.NewConfig(server.URL(""))
	if err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return scratchAt(ctx, conn, server)
}

func scratchAt(ctx context.Context, conn pq.Config, server *sandbox.Server) (*Scratch, error) {
	s := &Scratch{prefix: scratchPrefix + strings.ToLower(rand.Text()[:10]), made: map[string]bool{}, conn: conn, server: server}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// startSandbox starts a server. What it holds is nobody's, so nothing cleans it up.
func startSandbox(ctx context.Context, settings map[string]string) (*sandbox.Server, error) {
	all := map[string]string{"autovacuum": "off", "max_wal_size": "4GB"}
	maps.Copy(all, settings)
	return sandbox.Start(ctx, sandbox.Config{Settings: all})
}

func (s *Scratch) connect(ctx context.Context) error {
	connector, err := pq.NewConnectorConfig(s.conn)
	if err != nil {
		return err
	}
	s.admin = sql.OpenDB(connector)
	s.admin.SetMaxIdleConns(1)
	err = s.admin.QueryRowContext(ctx, "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4, 'PostgreSQL ' || pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1)").
		Scan(&s.Version, &s.Name)
	if err != nil {
		return fmt.Errorf("connect to the scratch server: %w", err)
	}
	return nil
}

// Own reports whether the server is rung's own and gone with Close, so that
// roles may be made on it.
func (s *Scratch) Own() bool { return s.server != nil }

// Create makes an empty database.
func (s *Scratch) Create(ctx context.Context) (*Database, error) {
	template := "template1" // with what its owner gives every new database
	if s.Own() {
		template = "template0"
	}
	return s.create(ctx, template)
}

// Clone makes a copy of a database of this server, to which nobody may be connected.
func (s *Scratch) Clone(ctx context.Context, from *Database) (*Database, error) {
	from.sessions.Close()
	return s.create(ctx, from.Name)
}

func (s *Scratch) create(ctx context.Context, template string) (*Database, error) {
	s.mu.Lock()
	s.count++
	name := fmt.Sprintf("%s_%d", s.prefix, s.count)
	s.mu.Unlock()
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)+" TEMPLATE "+pq.QuoteIdentifier(template)); err != nil {
		return nil, fmt.Errorf("create a scratch database: %w", err)
	}
	s.mu.Lock()
	s.made[name] = true
	s.mu.Unlock()
	d := &Database{Name: name, Conn: s.conn}
	d.Conn.Database = name
	return d, nil
}

// Drop drops a database that this Scratch made, whoever is connected.
func (s *Scratch) Drop(ctx context.Context, d *Database) error {
	s.mu.Lock()
	mine := s.made[d.Name]
	s.mu.Unlock()
	if !mine {
		return fmt.Errorf("drop database %s: rung did not make it", d.Name)
	}
	d.sessions.Close()
	if _, err := s.admin.ExecContext(ctx, "DROP DATABASE "+pq.QuoteIdentifier(d.Name)+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop the scratch database %s: %w", d.Name, err)
	}
	s.mu.Lock()
	delete(s.made, d.Name)
	s.mu.Unlock()
	return nil
}

// Program is one of PostgreSQL's client programs, of the server's version where
// the server is on this machine.
func (s *Scratch) Program(name string) (string, error) {
	if s.server != nil {
		if path := filepath.Join(s.server.BinDir, name); isFile(path) {
			return path, nil
		}
	}
	return exec.LookPath(name)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// Close drops what was made, and stops the server where it is rung's own. It
// works after the end of the context too: that may be why there is something
// to clean up.
func (s *Scratch) Close() error {
	var errs []error
	if s.server == nil && s.admin != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		for name := range s.made {
			if err := s.Drop(ctx, &Database{Name: name}); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Stop())
	}
	return errors.Join(errs...)
}

// set gives the database's sessions a setting.
func (d *Database) set(name, value string) {
	settings := maps.Clone(d.Conn.Runtime)
	if settings == nil {
		settings = map[string]string{}
	}
	settings[name] = value
	d.Conn.Runtime = settings
}

// open connects to a database.
func (d *Database) open() (*sql.DB, error) {
	connector, err := pq.NewConnectorConfig(d.Conn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
