package chaos

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"rung/internal/pgtest"
)

const bigintShop = `CREATE TABLE orders (id serial PRIMARY KEY, parent_id int REFERENCES orders ON DELETE SET NULL ON UPDATE CASCADE, customer int, note text);
CREATE INDEX orders_parent_id_idx ON orders (parent_id); CREATE INDEX orders_customer_idx ON orders (customer, id);
CREATE TABLE order_items (id bigserial PRIMARY KEY, order_id int NOT NULL REFERENCES orders ON DELETE CASCADE, qty int); CREATE INDEX order_items_order_id_idx ON order_items (order_id);
CREATE VIEW open_orders AS SELECT id, customer FROM orders WHERE note IS NOT NULL;
INSERT INTO orders (parent_id, customer, note) SELECT nullif(g % 7, 0), g, 'n' FROM generate_series(1, 20000) AS g;
INSERT INTO order_items (order_id, qty) SELECT g, 1 FROM generate_series(1, 20000) AS g;`

// bigint-key, with rung killed in every file, up and down, beside programs that write
// all the tables: none of their statements fails, and no row is wrong.
func TestBigintKeyIsKilledInEveryFile(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 0))
	dir := files(t, map[string]string{"1_shop.up.sql": bigintShop, "1_shop.down.sql": "DROP TABLE order_items, orders CASCADE;"})
	url := pgtest.URL(t)
	run(t, url, dir, "up")
	run(t, url, dir, "new", "big", "--template", "bigint-key", "--set", "table=orders")
	const constraints = "SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text IN ('orders', 'order_items') ORDER BY 1"
	before := pgtest.QueryStrings(t, url, constraints)
	finish := clients(t, url,
		"WITH o AS (INSERT INTO orders (customer, note) VALUES ($1, 'x') RETURNING id) INSERT INTO order_items (order_id, qty) SELECT id, 1 FROM o",
		"UPDATE orders SET note = note || 'x', parent_id = nullif($1::int % 6, 0) WHERE id = $1", "DELETE FROM orders WHERE id = $1 AND id % 7 = 0",
		"SELECT count(*) FROM orders AS o JOIN order_items AS i ON i.order_id = o.id WHERE o.id = $1", "SELECT count(*) FROM open_orders WHERE id = $1")
	strikes := 0
	// until runs a command, a file at a time and killed up to three times in each, until
	// that many files are applied.
	until := func(applied string, command string) {
		t.Helper()
		args := []string{command, "--steps", "1", "--wait", "1m"}
		for pgtest.QueryString(t, url, "SELECT count(*) FROM rung.migrations") != applied && !t.Failed() {
			for range 3 {
				p := start(t, url, dir, args...)
				moment := time.NewTimer(time.Duration(random.IntN(300)) * time.Millisecond)
				select {
				case <-moment.C:
				case <-p.exited:
				}
				if !p.kill9() {
					break // it came through
				}
				strikes++
			}
			if pgtest.QueryString(t, url, "SELECT count(*) FROM rung.migrations") != applied {
				run(t, url, dir, args...)
			}
			if n := pgtest.QueryString(t, url, "SELECT count(*) FROM order_items AS i LEFT JOIN orders AS o ON o.id = i.order_id WHERE o.id IS NULL"); n != "0" {
				t.Errorf("%s items refer to no order", n)
			}
		}
	}
	until("8", "up") // all but the contract
	until("1", "down")
	after := pgtest.QueryStrings(t, url, constraints)
	if !slices.Equal(before, after) {
		t.Errorf("constraints after the down migration: %q, before: %q", after, before)
	}
	run(t, url, dir, "up")
	finish()
	t.Logf("%d strikes", strikes)
	if got := pgtest.QueryString(t, url, "SELECT string_agg(DISTINCT format_type(atttypid, NULL), ',') FROM pg_attribute WHERE attrelid IN ('orders'::regclass, 'order_items'::regclass) AND attname IN ('id', 'order_id', 'parent_id')"); got != "bigint" {
		t.Error(got)
	}
}

// clients run statements by turns in three sessions, each of a $1 up to 20000, until
// the function is called that they return. None may fail.
func clients(t *testing.T, url string, statements ...string) (finish func()) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	for n := range 3 {
		done.Add(1)
		go func() {
			defer done.Done()
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for ctx.Err() == nil {
				one := statements[random.IntN(len(statements))]
				if _, err := db.Exec(one, 1+random.IntN(20000)); err != nil {
					t.Errorf("%s: %v", one, err)
					return
				}
			}
		}()
	}
	finish = func() { stop(); done.Wait() }
	t.Cleanup(func() { finish(); db.Close() })
	return finish
}
