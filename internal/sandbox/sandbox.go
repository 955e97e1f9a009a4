// Package sandbox starts a throwaway PostgreSQL server: from the newest server
// binaries of the machine, on a loopback port of its own, gone without a trace
// when it is stopped or when the process that started it ends in any way.
package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"

	"rung/internal/sandbox/ward"
)

// superuser is the superuser of every sandbox.
const superuser = "postgres"

// Config says what kind of server to start. The zero value is fine.
type Config struct {
	// BinDir is the directory that holds postgres and initdb. Defaults to that
	// of the newest version found; see FindBinDir.
	BinDir string
	// Parent is the directory below which all files are made. Defaults to TMPDIR
	// or /tmp.
	Parent string
	// Settings go to postgresql.conf, over those of the sandbox itself.
	// Defaults to none.
	Settings map[string]string
	// Trust lets in whoever reaches the port, without a password. On a machine
	// with other users that hands them a superuser, who can run programs as the
	// server's user; so it is for tests. Defaults to false: the URL carries a
	// random password.
	Trust bool
	// Own gives the server a password that no other one has: for an address that is
	// handed out. Defaults to false: servers of one user on one machine may share it.
	Own bool
	// Kept is a directory that Keep has written: the server begins as that one ended.
	// Defaults to none, and so to an empty server.
	Kept string
}

// Server is a running sandbox.
type Server struct {
	BinDir  string  // where its binaries are; psql and pg_dump mostly too
	Version Version // of the binaries
	Port    int     // on 127.0.0.1
	Dir     string  // the directory of all its files; removed by Stop

	ward     *ward.Ward
	password string // empty: none is asked for
	based    bool   // the data directory is a copy of one that was kept

	mu       sync.Mutex // guards what follows
	postgres *exec.Cmd
	exited   chan struct{} // closed when postgres has exited
	stopped  bool
}

// Start starts a server and returns when it accepts connections. The context
// bounds the start only; the server runs until Stop, or until this process is
// gone.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	binDir, version, err := findServer(ctx, cfg.BinDir)
	if err != nil {
		return nil, err
	}
	w, err := ward.New(cfg.Parent, "rung-sandbox-", "data/postmaster.pid")
	if err != nil {
		return nil, err
	}
	s := &Server{BinDir: binDir, Version: version, Dir: w.Dir, ward: w}
	if !cfg.Trust {
		s.password = rand.Text()
	}
	if err := s.create(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) create(ctx context.Context, cfg Config) error {
	if err := s.fill(ctx, cfg); err != nil {
		return err
	}
	err := s.begin(ctx)
	if err == nil || !s.based || ctx.Err() != nil {
		return err
	}
	// What was kept may be damaged: once more without it.
	if err := os.RemoveAll(s.base()); err != nil {
		return err
	}
	if err := s.fill(ctx, cfg); err != nil {
		return err
	}
	return s.begin(ctx)
}

// begin starts the server on a port of its own.
func (s *Server) begin(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Between our looking for a free port and the server's taking it, another
	// process may be faster.
	for range 20 {
		var err error
		if s.Port, err = freePort(); err != nil {
			return err
		}
		if err = s.launch(ctx); !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return errPortTaken
}

// fill makes the data directory.
func (s *Server) fill(ctx context.Context, cfg Config) error {
	if cfg.Kept != "" {
		return s.takeUp(cfg.Kept)
	}
	base := ""
	if !cfg.Own {
		base = s.base()
	}
	if s.based = s.fromBase(base); !s.based {
		if err := errors.Join(os.RemoveAll(s.dataDir()), s.initdb(ctx)); err != nil {
			return err
		}
		s.keepBase(base)
	}
	return s.configure(cfg.Settings)
}

// Stop ends the server at once and removes all its files. It may be called
// again, and by several goroutines.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	err := s.ward.Close()
	if s.postgres != nil {
		// Only needed when somebody has killed the watchdog.
		_ = s.postgres.Process.Kill()
		<-s.exited
	}
	return err
}

// URL is the address of a database of the server, of the database postgres if
// db is empty. It holds the password, if there is one.
func (s *Server) URL(db string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(superuser), Host: s.addr(),
		Path: "/" + dbName(db), RawQuery: "sslmode=disable",
	}
	if s.password != "" {
		u.User = url.UserPassword(superuser, s.password)
	}
	return u.String()
}

// Env is what a program needs in its environment to find a database of the
// server, be it one that reads DATABASE_URL or one that reads the PG* variables.
func (s *Server) Env(db string) []string {
	env := []string{
		"DATABASE_URL=" + s.URL(db),
		"PGHOST=127.0.0.1",
		"PGPORT=" + strconv.Itoa(s.Port),
		"PGUSER=" + superuser,
		"PGDATABASE=" + dbName(db),
		"PGSSLMODE=disable",
	}
	if s.password != "" {
		env = append(env, "PGPASSWORD="+s.password)
	}
	return env
}

// Log is what the server has written to its log so far.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.logFile())
	if err != nil {
		return fmt.Sprintf("(no log: %v)", err)
	}
	return string(text)
}

func (s *Server) dataDir() string { return filepath.Join(s.Dir, "data") }
func (s *Server) logFile() string { return filepath.Join(s.Dir, "log") }
func (s *Server) addr() string    { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

func dbName(db string) string {
	if db == "" {
		return "postgres"
	}
	return db
}
