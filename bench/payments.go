package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// payments is the trials' table: narrow, because then most of the cost is that
// of a row, which no width hides. Its fees are to be filled.
const payments = `
CREATE TABLE payments AS
SELECT n AS id, (n * 7919 %% 100000)::integer AS cents, NULL::integer AS fee
  FROM generate_series(1::bigint, %d) AS n;
ALTER TABLE payments ADD PRIMARY KEY (id)`

// withPayments gives do a database of its own with so many payments, which has
// nothing left to write back.
func (s *server) withPayments(ctx context.Context, rows int64, do func(name string) error) error {
	original, err := s.original(ctx, rows)
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
func (s *server) original(ctx context.Context, rows int64) (name string, err error) {
	name = fmt.Sprintf("payments_%d", rows)
	var exists bool
	err = s.admin.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err != nil || exists {
		return name, err
	}
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)); err != nil {
		return name, fmt.Errorf("create database: %w", err)
	}
	return name, s.in(name, func(db *sql.DB) error {
		for _, q := range []string{fmt.Sprintf(payments, rows), "VACUUM (ANALYZE) payments"} {
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
	wal            int64 // all that the server ever wrote
}

// extent measures a database's payments, and fails if a fee is missing: a way
// that ends well has not thereby done the work.
func (s *server) extent(ctx context.Context, name string, rows int64) (e extent, err error) {
	err = s.in(name, func(db *sql.DB) error {
		err := db.QueryRowContext(ctx, `
			SELECT pg_table_size('payments'), pg_indexes_size('payments'),
			       (pg_current_wal_insert_lsn() - '0/0')::bigint`).
			Scan(&e.table, &e.indexes, &e.wal)
		if err != nil || rows == 0 {
			return err
		}
		var filled int64
		err = db.QueryRowContext(ctx, "SELECT count(fee) FROM payments").Scan(&filled)
		if err == nil && filled != rows {
			err = fmt.Errorf("it exited 0, but filled %d rows of %d", filled, rows)
		}
		return err
	})
	return e, err
}
