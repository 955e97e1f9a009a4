package templates

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const rollingBase = `CREATE TYPE status AS ENUM ('todo', 'doing', 'done'); CREATE TABLE tasks (id serial PRIMARY KEY, note text, status status NOT NULL DEFAULT 'todo', CONSTRAINT known CHECK (status <> 'doing' OR note IS NOT NULL));
CREATE TABLE notes (id int PRIMARY KEY, status status); INSERT INTO notes SELECT g, (enum_range(NULL::status))[g % 4 + 1] FROM generate_series(1, 40) AS g;
CREATE INDEX tasks_open ON tasks (id) WHERE status = 'todo'; CREATE INDEX tasks_status ON tasks (status, id); GRANT SELECT, INSERT ON tasks TO PUBLIC;
INSERT INTO tasks (note, status) SELECT g, (enum_range(NULL::status))[g % 3 + 1] FROM generate_series(1, 3000) AS g;`

func rollingChange() map[string]string {
	return params("type=status", "values=pending,blocked,done", "map=todo=pending,doing=pending", "back=pending=todo,blocked=todo", "strategy=rolling")
}

func TestEnumRollingRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, rollingBase)
	r.add("enum", rollingChange())
	before := r.dump()
	r.eachRung(5)
	r.rows("SELECT status::text, count(*) FROM tasks GROUP BY 1 ORDER BY 1", "done|1000", "pending|2000")
	r.rows("SELECT pg_get_expr(adbin, adrelid), indexdef FROM pg_attrdef, pg_indexes WHERE adrelid = 'tasks'::regclass AND adnum > 3 AND indexname = 'tasks_open'", "'pending'::status|CREATE INDEX tasks_open ON public.tasks USING btree (id) WHERE (status = 'pending'::status)")
	r.down(5)
	r.same("all the way down", before)
	r.up(5)
	r.exec("CREATE ROLE rung_rolls; ALTER ROLE rung_rolls SET search_path = app_v2, public")
	if err := r.tryUp(1); err == nil || !strings.Contains(err.Error(), "the search_path of these still has app_v2: rung_rolls") {
		t.Errorf("contract: %v", err)
	}
	r.exec("DROP ROLE rung_rolls")
	r.up(0)
	r.rows("SELECT enum_range(NULL::status)", "{pending,blocked,done}")
	r.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'app_v2'", "0")
	r.rows("SELECT count(*) FROM pg_attribute WHERE attrelid = 'tasks'::regclass AND attnum > 0 AND NOT attisdropped", "3")
}

// Whichever program writes, in whatever order, each reads back what it wrote, the pair
// stays one of those that belong together, and what is written as it is changes nothing.
func TestEnumRollingKeepsPairsTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t, rollingBase)
	r.add("enum", rollingChange())
	r.up(4)
	news, olds := []string{"pending", "blocked", "done"}, []string{"todo", "doing", "done"}
	for _, first := range append(news, olds...) {
		for _, then := range append(news, olds...) {
			schema := func(label string) string {
				if label != "done" && contains(news, label) {
					return "app_v2"
				}
				return "public"
			}
			r.exec(fmt.Sprintf("DELETE FROM tasks WHERE id = 99999; SET search_path = %s, public; INSERT INTO tasks (id, note, status) VALUES (99999, 'x', '%s'); SET search_path = %s, public; UPDATE tasks SET status = '%s' WHERE id = 99999; UPDATE tasks SET status = status, note = 'y' WHERE id = 99999",
				schema(first), first, schema(then), then))
			r.rows(fmt.Sprintf("SELECT status::text = '%s' FROM %s.tasks WHERE id = 99999", then, schema(then)), "true")
			r.rows("SELECT (status::text, status_new::text) IN (('todo', 'pending'), ('doing', 'pending'), ('todo', 'blocked'), ('done', 'done')) FROM public.tasks WHERE id = 99999", "true")
		}
	}
	r.exec("SET search_path = app_v2, public; INSERT INTO tasks (id, note) VALUES (88888, 'default'); UPDATE tasks SET status = 'blocked' WHERE id = 88888; SET search_path = public; UPDATE tasks SET status = 'todo', note = 'saved whole' WHERE id = 88888")
	r.rows("SELECT status, status_new FROM tasks WHERE id = 88888", "todo|blocked")
}

func contains(all []string, one string) bool {
	return strings.Contains(","+strings.Join(all, ",")+",", ","+one+",")
}

func TestEnumRollingRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE a AS ENUM ('x', 'y'); CREATE TABLE ta (id int PRIMARY KEY, v a); CREATE VIEW seen AS SELECT v FROM ta;
CREATE TYPE b AS ENUM ('x', 'y'); CREATE TABLE tb (id int PRIMARY KEY, v b[]); CREATE TYPE c AS ENUM ('x', 'y'); CREATE TABLE tc (id int PRIMARY KEY, v c DEFAULT 'x');
CREATE TYPE d AS ENUM ('x', 'y'); CREATE TABLE td (id int PRIMARY KEY, v d NOT NULL); CREATE SCHEMA taken`)
	for _, c := range []struct {
		says string
		p    []string
	}{
		{"the new program would see the old values in view public.seen", []string{"type=a", "map=x=z"}},
		{"is an array", []string{"type=b", "map=x=z"}},
		{"can be NULL and has a default", []string{"type=c", "map=x=z"}},
		{"no single old value becomes 'y'", []string{"type=d", "map=x=y"}},
		{"there is a schema taken already", []string{"type=d", "map=x=z", "schema=taken"}},
		{"back=z=q: it says which old value", []string{"type=d", "map=x=z", "back=z=q"}},
	} {
		r.refused("enum", params(append(c.p, "strategy=rolling")...), c.says)
	}
	r.refused("enum", params("type=d", "map=x=z", "back=z=x"), "add --set strategy=rolling")
	r.says("enum", params("type=d", "map=x=z"), "where both must run, add --set strategy=rolling")
}

// program is one version of a program: it reads and writes its own values, and counts
// what it sees of others as an error.
type program struct {
	t     *testing.T
	stop  context.CancelFunc
	done  sync.WaitGroup
	turns atomic.Int64
}

func startProgram(t *testing.T, url, first, then, others string) *program {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	p := &program{t: t, stop: stop}
	for range 2 {
		p.done.Add(1)
		go func() {
			defer p.done.Done()
			for ctx.Err() == nil {
				if err := p.turn(db, first, then, others); err != nil {
					t.Errorf("the program of %s: %v", first, err)
					return
				}
				p.turns.Add(1)
			}
		}()
	}
	t.Cleanup(func() { p.end(); db.Close() })
	return p
}

func (p *program) turn(db *sql.DB, first, then, others string) error {
	var id, n int
	if err := db.QueryRow("INSERT INTO tasks (note, status) VALUES ('x', $1) RETURNING id", first).Scan(&id); err != nil {
		return err
	}
	var label string
	for _, want := range []string{first, then} {
		if err := db.QueryRow("SELECT status::text FROM tasks WHERE id = $1", id).Scan(&label); err != nil || label != want {
			return fmt.Errorf("row %d is %s, not %s: %w", id, label, want, err)
		}
		if err := db.QueryRow("SELECT count(*) FROM tasks WHERE id = $1 AND status = $2", id, want).Scan(&n); err != nil || n != 1 {
			return fmt.Errorf("row %d is found %d times by %s: %w", id, n, want, err)
		}
		if err := db.QueryRow("SELECT count(*) FROM tasks WHERE id > $1 - 50 AND status::text = ANY (string_to_array($2, ','))", id, others).Scan(&n); err != nil || n != 0 {
			return fmt.Errorf("%d rows with labels of the other program: %w", n, err)
		}
		if _, err := db.Exec("UPDATE tasks SET status = $1, note = note || 'y' WHERE id = $2", then, id); err != nil {
			return err
		}
	}
	_, err := db.Exec("DELETE FROM tasks WHERE id = $1 AND id % 2 = 0", id)
	return err
}

// goesOn waits until the program has done some more.
func (p *program) goesOn() {
	p.t.Helper()
	from, deadline := p.turns.Load(), time.Now().Add(time.Minute)
	for p.turns.Load() < from+20 && !p.t.Failed() {
		if time.Now().After(deadline) {
			p.t.Fatal("the program does not go on")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (p *program) end() { p.stop(); p.done.Wait() }

// Two programs through all files, their downs and the switch: no statement of either
// fails, and none sees a value of the other.
func TestEnumRollingWithTwoPrograms(t *testing.T) {
	t.Parallel()
	r := newRig(t, rollingBase)
	r.add("enum", rollingChange())
	before := func() *program { return startProgram(t, r.url, "todo", "doing", "pending,blocked") }
	after := func() *program {
		return startProgram(t, option(t, r.url, "search_path", "app_v2,public"), "pending", "blocked", "todo,doing")
	}
	old := before()
	old.goesOn()
	r.up(4)
	fresh := after()
	old.goesOn()
	fresh.goesOn()
	fresh.end() // the deploy is undone
	r.down(4)
	old.goesOn()
	r.up(4)
	fresh = after()
	old.goesOn()
	fresh.goesOn()
	old.end()
	r.up(1)
	fresh.goesOn()
	r.down(1)
	old = before()
	old.goesOn()
	fresh.goesOn()
	old.end()
	r.up(1)
	fresh.goesOn()
	fresh.end()
	r.up(0)
	r.rows("SELECT count(*) FROM tasks WHERE status IS NULL", "0")
	t.Logf("%d and %d turns", old.turns.Load(), fresh.turns.Load())
}
