package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// A bigTable is what trials change, in a database of its own.
type bigTable struct {
	name        string
	make        string // SQL, with %[1]d for its rows
	shape       string // for the report
	read, write string // what its users do to a row, with :id for its key
}

// withCopy gives do a database of its own with so many rows of the table,
// which has nothing left to write back.
func (s *server) withCopy(ctx context.Context, t bigTable, rows int64, do func(name string) error) error {
	original, err := s.original(ctx, t, rows)
	if err != nil {
		return err
	}
	from := " TEMPLATE " + pq.QuoteIdentifier(original)
	if s.Version.Major >= 15 {
		from += " STRATEGY FILE_COPY" // as older servers do; it leaves no WAL to be counted
	}
	return s.withDatabaseLike(ctx, from, func(name string) error {
		if _, err := s.admin.ExecContext(ctx, "CHECKPOINT"); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
		return do(name)
	})
}

// original is the database that the others are copies of, made once. Its table
// is vacuumed and analyzed, as one that has been in use for a while.
func (s *server) original(ctx context.Context, t bigTable, rows int64) (name string, err error) {
	name = fmt.Sprintf("%s_%d", t.name, rows)
	var exists bool
	err = s.admin.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err != nil || exists {
		return name, err
	}
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)); err != nil {
		return name, fmt.Errorf("create database: %w", err)
	}
	return name, s.in(name, func(db *sql.DB) error {
		for _, q := range []string{fmt.Sprintf(t.make, rows), "VACUUM (ANALYZE) " + t.name} {
			if _, err := db.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("fill the table: %w", err)
			}
		}
		return nil
	})
}

// in lets do work in a database, and leaves no connection there.
func (s *server) in(name string, do func(db *sql.DB) error) error {
	db, err := sql.Open("postgres", s.URL(name))
	if err != nil {
		return err
	}
	defer db.Close()
	return do(db)
}

// extent is the space that things take, in bytes.
type extent struct {
	table, indexes int64
	beside         int64 // other tables in its schema, with their indexes
	wal            int64 // all that the server ever wrote
}

func (s *server) extent(ctx context.Context, name string, t bigTable) (e extent, err error) {
	err = s.in(name, func(db *sql.DB) error {
		return db.QueryRowContext(ctx, `
			SELECT pg_table_size($1::regclass), pg_indexes_size($1::regclass),
			       (SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
			         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND oid <> $1::regclass),
			       (pg_current_wal_insert_lsn() - '0/0')::bigint`, t.name).
			Scan(&e.table, &e.indexes, &e.beside, &e.wal)
	})
	return e, err
}
