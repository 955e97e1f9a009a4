package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/lib/pq"

	"rung/internal/sandbox"
)

// raceSettings keep the server's own background work out of the timings. fsync
// is off in every sandbox: what is compared is the tools, not the disk.
var raceSettings = map[string]string{
	"autovacuum":     "off",
	"max_wal_size":   "4GB", // no checkpoint in the middle of the 1 GB COPY
	"shared_buffers": "128MB",
}

// memory is a file system in memory, on Linux.
const memory = "/dev/shm"

// raceParent is where the server's files are in the races: in memory, where
// there is room for them. On ext4 a run would pay for the database that was
// dropped before it: inodes that were freed in the last half minute are passed
// over one by one (recently_deleted in fs/ext4/ialloc.c), and a new table takes
// three times as long. "" is the usual place.
func raceParent() string {
	const room = 10e9
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || float64(fs.Bavail)*float64(fs.Bsize) < room {
		return ""
	}
	return memory
}

// A server is the PostgreSQL that all tools run against, and the link to it.
type server struct {
	*sandbox.Server
	admin *sql.DB
	link  *link
	made  int // databases, for their names
}

func startServer(ctx context.Context, parent string, settings map[string]string) (*server, error) {
	pg, err := sandbox.Start(ctx, sandbox.Config{Parent: parent, Trust: true, Settings: settings})
	if err != nil {
		return nil, err
	}
	s := &server{Server: pg}
	if s.link, err = newLink(pg); err != nil {
		return nil, errors.Join(err, pg.Stop())
	}
	if s.admin, err = sql.Open("postgres", pg.URL("")); err != nil {
		return nil, errors.Join(err, s.link.Close(), pg.Stop())
	}
	return s, nil
}

func (s *server) stop() error {
	return errors.Join(s.admin.Close(), s.link.Close(), s.Stop())
}

// withDatabase gives do a database that nobody has used before, and drops it.
// A drop makes a checkpoint, so every run also starts with clean buffers.
func (s *server) withDatabase(ctx context.Context, do func(name string) error) error {
	return s.withDatabaseLike(ctx, "", do)
}

// withDatabaseLike makes the database with the options of CREATE DATABASE that
// like holds.
func (s *server) withDatabaseLike(ctx context.Context, like string, do func(name string) error) (err error) {
	s.made++
	name := fmt.Sprintf("bench_%d", s.made)
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)+like); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	defer func() {
		_, dropErr := s.admin.ExecContext(context.WithoutCancel(ctx),
			"DROP DATABASE "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
		if err == nil && dropErr != nil {
			err = fmt.Errorf("drop database: %w", dropErr)
		}
	}()
	return do(name)
}

// check looks into a database for what the corpus should have left there.
func (s *server) check(ctx context.Context, name string, c corpus) error {
	return s.in(name, func(db *sql.DB) error { return c.check(ctx, db) })
}

// roundTrip is the median time of the shortest query there is.
func roundTrip(ctx context.Context, url string) (time.Duration, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return 0, err
	}
	var times []time.Duration
	for range 9 {
		start := time.Now()
		if _, err := db.ExecContext(ctx, "SELECT 1"); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	return median(times), nil
}
