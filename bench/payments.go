package main

import (
	"context"
	"database/sql"
	"fmt"
)

// payments is the table of the trials of backfills: narrow, because then most
// of the cost is that of a row, which no width hides. Its fees are to be filled.
var payments = bigTable{
	name: "payments",
	make: `
CREATE TABLE payments AS
SELECT n AS id, (n * 7919 %% 100000)::integer AS cents, NULL::integer AS fee
  FROM generate_series(1::bigint, %[1]d) AS n;
ALTER TABLE payments ADD PRIMARY KEY (id)`,
	shape: "`payments (id bigint PRIMARY KEY, cents integer, fee integer)`, vacuumed; `fee` is filled with `" + fee + "`",
	read:  "SELECT cents, fee FROM payments WHERE id = :id;",
	write: "UPDATE payments SET cents = cents + 1 WHERE id = :id;",
}

const fee = "cents * 3 / 100"

// filled fails if a fee is missing: a way that ends well has not thereby done
// the work.
func (s *server) filled(ctx context.Context, name string, rows int64) error {
	return s.in(name, func(db *sql.DB) error {
		var filled int64
		err := db.QueryRowContext(ctx, "SELECT count(fee) FROM payments").Scan(&filled)
		if err == nil && filled != rows {
			err = fmt.Errorf("it exited 0, but filled %d rows of %d", filled, rows)
		}
		return err
	})
}
