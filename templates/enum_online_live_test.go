package templates

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/internal/pgtext"
)

// The load runs through all five files, in sessions that do not know of them.
// It writes values that there are before and after the switch, whatever those
// are called.
func TestEnumOnlineLive(t *testing.T) {
	live(t, func() *watch {
		r := newRig(t, strings.ReplaceAll(flowing, "6000", fmt.Sprint(*liveRows)))
		before := r.objects()
		r.add("enum-online", params("type=status", "values=finished,stopped,open,started", "map=todo=open,doing=started,half=stopped,done=finished"))
		w := startWatch(t, r.url)
		l := startLoad(t, r.url, *liveRows,
			"INSERT INTO tickets (id, want) SELECT n, 0 FROM nextval('ids') AS n WHERE $1 > 0",
			"INSERT INTO notes (id, want) SELECT n, 9 FROM nextval('ids') AS n WHERE $1 > 0",
			"UPDATE tickets SET status = status, want = want WHERE id = $1",
			"UPDATE tickets AS t SET status = o.status, want = o.want FROM tickets AS o WHERE t.id = $1 AND o.id = $1 - 1",
			"UPDATE notes SET status = NULL, twice = '{NULL}', want = 9 WHERE id = $1",
			"UPDATE notes AS n SET status = o.status, twice = ARRAY[o.status], want = o.want FROM tickets AS o WHERE n.id = $1 AND o.id = $1",
			"UPDATE tickets SET status = enum_last(status) WHERE id = 0 - $1::int",
			"SELECT count(*) FROM pairs WHERE id BETWEEN $1 AND $1 + 10",
			"SELECT count(*) FROM open WHERE id = $1",
			"DELETE FROM tickets WHERE id = $1 AND id % 7 = 0")
		r.up(3)
		r.rows("SELECT count(*) FROM tickets WHERE status_new::text IS DISTINCT FROM (ARRAY['open', 'started', 'stopped', 'finished'])[want + 1]", "0")
		r.up(1)
		r.rows("SELECT count(*) FROM tickets WHERE status_old::text IS DISTINCT FROM (ARRAY['todo', 'doing', 'half', 'done'])[want + 1]", "0")
		r.down(1)
		r.up(2)
		l.finish()
		r.rows("SELECT count(*) FROM tickets WHERE status::text IS DISTINCT FROM (ARRAY['open', 'started', 'stopped', 'finished'])[want + 1]", "0")
		r.rows("SELECT count(*) FROM notes WHERE status::text IS DISTINCT FROM (ARRAY['open', 'started', 'stopped', 'finished'])[nullif(want, 9) + 1]", "0")
		r.rows("SELECT count(*) FROM notes WHERE twice[1] IS DISTINCT FROM status AND twice IS NOT NULL", "0")
		r.became(before,
			"-CREATE INDEX tickets_open ON public.tickets USING btree (id) WHERE (status = 'todo'::status)",
			"-column tickets.status status NOT NULL DEFAULT 'todo'::status",
			"+CREATE INDEX tickets_open ON public.tickets USING btree (id) WHERE (status = 'open'::status)",
			"+column tickets.status status NOT NULL DEFAULT 'open'::status")
		return w
	})
}

// flowing is two tables that share a type, and what hangs on it.
const flowing = `
CREATE TYPE status AS ENUM ('todo', 'doing', 'half', 'done');
CREATE TABLE tickets (id int PRIMARY KEY, want int NOT NULL, status status NOT NULL DEFAULT 'todo');
CREATE TABLE notes (id int PRIMARY KEY, want int NOT NULL, status status, twice status[]);
INSERT INTO tickets SELECT g, g % 4, (enum_range(NULL::status))[g % 4 + 1] FROM generate_series(1, 6000) AS g;
INSERT INTO notes SELECT g, g % 4, (enum_range(NULL::status))[g % 4 + 1], ARRAY[(enum_range(NULL::status))[g % 4 + 1], NULL] FROM generate_series(1, 6000) AS g;
CREATE SEQUENCE ids START 10000000;
CREATE INDEX tickets_open ON tickets (id) WHERE status = 'todo';
CREATE UNIQUE INDEX notes_status ON notes (status, id);
CREATE VIEW open AS SELECT id, want, status FROM tickets WHERE status IN ('todo', 'doing', 'half');
CREATE VIEW pairs AS SELECT id, t.status, n.status AS other FROM open AS t JOIN notes AS n USING (id);
CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS
$$ DECLARE was status; BEGIN was := NEW.status; NEW.status := was; RETURN NEW; END $$;
CREATE TRIGGER zapped BEFORE INSERT OR UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION kept()`

// A session that has used a plpgsql trigger goes on.
func TestEnumOnlineOpenSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, onlineBase+finishing)
	write := openSession(t, r.url, "UPDATE tasks SET note = note || 'x', status = CASE WHEN id > 4 THEN status END WHERE id < 10")
	r.add("enum-online", permutation)
	write()
	for range 5 {
		r.up(1)
		write()
	}
	// The trigger that follows is behind the one that fills in the first value
	// there is, also where a batch meets a row without one.
	r.rows("SELECT status, count(*) FROM tasks GROUP BY 1 ORDER BY 1", "review|13", "todo|9", "done|18")
	for range 5 {
		r.down(1)
		write()
	}
}

// A transaction that has the table and goes on to a view of it wants the locks
// of the switch in the other order: the switch is rolled back, and comes again.
func TestEnumOnlineGivesWay(t *testing.T) {
	t.Parallel()
	r := newRig(t, tickets+"CREATE VIEW open AS SELECT id, status FROM tickets WHERE status <> 'done'")
	r.add("enum-online", params("type=status", "values=cancelled,done,doing,todo"))
	r.up(3)
	db, err := sql.Open("postgres", r.url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec("UPDATE tickets SET note = 'mine' WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	switched := make(chan error, 1)
	go func() { switched <- r.tryUp(1) }()
	// It has come a second time, or has waited so long that PostgreSQL has looked
	// for a deadlock already, and the next one to look would be the victim.
	const waits = `SELECT waitstart, clock_timestamp() - waitstart > '1200 ms' FROM pg_locks
 WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = 'tickets'::regclass AND waitstart IS NOT NULL`
	first := ""
	for end := time.Now().Add(20 * time.Second); ; {
		if time.Now().After(end) {
			t.Fatal("the switch does not wait")
		}
		seen := pgtest.QueryStrings(t, r.url, waits)
		if len(seen) == 0 {
			continue
		}
		start, long, _ := strings.Cut(seen[0], "|")
		if first == "" {
			first = start
		}
		if start != first || long == "true" {
			break
		}
	}
	if _, err := tx.Exec("SELECT * FROM open"); err != nil {
		t.Error("the load was taken for the victim:", err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	if err := <-switched; err != nil {
		t.Error(err)
	}
	r.rows("SELECT enum_first(NULL::status), note FROM tickets WHERE id = 1", "cancelled|mine")
}

// What a subscription writes fires no plain trigger.
func TestEnumOnlineFollowsReplicas(t *testing.T) {
	t.Parallel()
	r := newRig(t, tickets)
	r.add("enum-online", params("type=status", "values=doing,done,finished", "map=todo=doing,cancelled=finished"))
	replicate := func(id int, label string) {
		r.exec(fmt.Sprintf("SET session_replication_role = replica; INSERT INTO tickets (id, status) VALUES (%d, %s)", id, pgtext.Literal(label)))
	}
	r.up(2)
	replicate(1000, "todo")
	r.up(2)
	replicate(1001, "finished")
	r.down(1)
	r.rows("SELECT id, status FROM tickets WHERE id >= 1000 ORDER BY 1", "1000|todo", "1001|cancelled")
	r.up(0)
	r.rows("SELECT id, status FROM tickets WHERE id >= 1000 ORDER BY 1", "1000|doing", "1001|finished")
}
