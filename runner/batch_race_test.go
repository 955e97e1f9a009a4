package runner

import (
	"testing"

	"rung/internal/pgtest"
)

// Who has more than ten orders is premium. Orders come and go while that is
// filled in, and a trigger keeps it right for those. POSTGRES.md §3: a single
// UPDATE that has to wait for a user's row counts the orders by a snapshot
// that is older than what it waited for; a second statement sees them.
const (
	premiumSchema = `CREATE TABLE users (id int PRIMARY KEY, is_premium boolean);
		CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, user_id int NOT NULL);
		INSERT INTO users SELECT generate_series(1, 300);
		INSERT INTO orders (user_id) SELECT u FROM generate_series(1, 300) u, generate_series(1, 10);
		INSERT INTO orders (user_id) VALUES (151);
		CREATE FUNCTION keep_premium() RETURNS trigger LANGUAGE plpgsql AS $$
		DECLARE who int := coalesce(NEW.user_id, OLD.user_id);
		BEGIN
			PERFORM FROM users WHERE id = who FOR NO KEY UPDATE;
			UPDATE users SET is_premium = (SELECT count(*) > 10 FROM orders WHERE user_id = who) WHERE id = who;
			RETURN NULL;
		END$$;
		CREATE TRIGGER keep_premium AFTER INSERT OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION keep_premium()`
	premiumLock   = "SELECT id FROM users WHERE id BETWEEN $1 AND $2 ORDER BY id FOR NO KEY UPDATE;\n"
	premiumUpdate = "UPDATE users SET is_premium = (SELECT count(*) > 10 FROM orders WHERE orders.user_id = users.id) WHERE id BETWEEN $1 AND $2;\n"
	premiumWrong  = "SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM users WHERE is_premium IS DISTINCT FROM (SELECT count(*) > 10 FROM orders WHERE orders.user_id = users.id)"
)

// The order comes, and another goes, while the batch waits for the user's row.
func TestBatchRaceWithOrders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, statements, wrong string }{
		{"in one statement it is wrong", premiumUpdate, "150 151"},
		{"in two with the lock it is right", premiumLock + premiumUpdate + "-- rung:end", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, premiumSchema)
			o := join(t, url)
			o.do("BEGIN; INSERT INTO orders (user_id) VALUES (150); DELETE FROM orders WHERE id = (SELECT max(id) FROM orders WHERE user_id = 151)")
			r := startUp(t, url, pairs{"1_fill.up.sql": "-- rung:batch key=users.id rows=1000\n" + c.statements})
			o.blocks(url)
			o.do("COMMIT")
			r.mustSucceed()
			is(t, url, premiumWrong, c.wrong)
		})
	}
}

// The order comes after the batch has counted, and before it commits: the
// trigger waits for the batch.
func TestBatchRaceWithOrdersAfterTheCount(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, premiumSchema+`;
		CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
			IF current_setting('application_name') = 'rung' THEN PERFORM pg_advisory_xact_lock(7); END IF;
			RETURN NULL;
		END$$;
		CREATE TRIGGER wait AFTER UPDATE ON users EXECUTE FUNCTION wait()`)
	o, customer := join(t, url), join(t, url)
	o.do("BEGIN; SELECT pg_advisory_xact_lock(7)")
	r := startUp(t, url, pairs{"1_fill.up.sql": "-- rung:batch key=users.id rows=1000\n" + premiumLock + premiumUpdate + "-- rung:end"})
	o.blocks(url)
	ordered := make(chan error, 1)
	go func() {
		_, err := customer.conn.ExecContext(testContext(t), "INSERT INTO orders (user_id) VALUES (150)")
		ordered <- err
	}()
	eventually(t, "the order waits for the batch", func() bool {
		return ask(t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'INSERT INTO orders%' AND wait_event_type = 'Lock'") == "1"
	})
	o.do("COMMIT")
	r.mustSucceed()
	if err := <-ordered; err != nil {
		t.Fatal(err)
	}
	is(t, url, premiumWrong, "")
	is(t, url, "SELECT is_premium FROM users WHERE id = 150", "true")
}
