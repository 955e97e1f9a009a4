package cli

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"rung/cli/internal/fault"
	"rung/internal/pgtest"
)

// TestSchemasWork: up registers a backfill in each schema, two works at once run each of
// them once, through a pooler too, and then the file that requires it goes on.
func TestSchemasWork(t *testing.T) {
	r := newSchemaRig(t, 4)
	r.file("2_b", "-- rung:background\n-- rung:batch key=a.id rows=100 target=1ms\nUPDATE a SET n = n + 1 WHERE id BETWEEN $1 AND $2;", "SELECT 1;")
	r.file("3_c", "-- rung:requires 2\nALTER TABLE a ADD CHECK (n = 1);", "SELECT 1;")
	pgtest.Exec(t, r.address, "CREATE TABLE tenant_1.a (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO tenant_1.a SELECT generate_series(1, 1000)")
	r.over(t.Context(), fault.ExitDone, r.address, "baseline", "--only", "tenant_1", "--to", "1")
	r.over(t.Context(), fault.ExitDone, r.address, "up", "--to", "1")
	out, _ := r.over(t.Context(), fault.ExitDone, r.address, "plan")
	mentions(t, out, "2_b  stepwise, registers its backfill")
	_, errs := r.over(t.Context(), fault.ExitPending, r.address, "up")
	mentions(t, errs, "work is pending in 4 of 4 targets")
	out, _ = r.over(t.Context(), fault.ExitDone, r.address, "status")
	mentions(t, out, "      4  2   1 pending, background backfill not done")
	bouncer := pgtest.PgBouncer(t, r.address, "transaction", 8)
	r.twice("work", "--quiet", "--database-url", bouncer, "--each-schema", "tenant_*", "--parallel", "2")
	for n := range 4 {
		r.is("db", fmt.Sprintf("SELECT min(n) || ' ' || max(n) FROM tenant_%d.a", n+1), "1 1")
	}
	r.is("db", "SELECT count(*) FROM rung.background", "0")
	r.is("db", "SELECT max(n) FROM public.a", "0")
	r.over(t.Context(), fault.ExitDone, r.address, "up")
	out, _ = r.over(t.Context(), fault.ExitDone, r.address, "work")
	mentions(t, out, "tenant_1, tenant_2, tenant_3, tenant_4:\n  nothing to do: no background backfill is registered")
	_, errs = r.over(t.Context(), fault.ExitUsage, r.address, "work", "--watch", "1s")
	mentions(t, errs, "--watch stays with one database")
}

// TestFleetWorkStops: a signal ends each target's work between two batches, and so does
// the time of --max-time; the same command goes on.
func TestFleetWorkStops(t *testing.T) {
	r := newFleetRig(t, "a", "b", "c")
	r.file("2_b", "-- rung:background\n-- rung:batch key=a.id rows=10 target=1ms pause=20ms\nUPDATE a SET n = n + 1 WHERE id BETWEEN $1 AND $2;", "SELECT 1;")
	r.file("1_a", "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);\nINSERT INTO a SELECT generate_series(1, 1000);", "DROP TABLE a;")
	r.run(t.Context(), fault.ExitDone, "up")
	ctx, cancel := context.WithCancelCause(t.Context())
	over := make(chan struct{})
	var out, errs string
	go func() {
		defer close(over)
		out, errs = r.run(ctx, fault.ExitSignal+int(syscall.SIGTERM), "work", "--parallel", "1")
	}()
	awaitOne(t, r.url["a"], "SELECT CASE WHEN count(*) > 2 THEN 1 ELSE 0 END FROM rung.batches")
	cancel(&fault.SignalError{Sig: syscall.SIGTERM})
	<-over
	mentions(t, errs, "stopped by SIGTERM: 3 of 3 targets not done")
	mentions(t, out, "not done")
	r.is("a", "SELECT sum(n) = (SELECT sum(rows) FROM rung.batches) AND sum(n) BETWEEN 20 AND 990 FROM a", "true")
	out, _ = r.run(t.Context(), fault.ExitDone, "work", "--parallel", "1", "--max-time", "300ms")
	mentions(t, out, "not done")
	r.is("c", "SELECT sum(n) FROM a", "0")
	r.run(t.Context(), fault.ExitDone, "work", "--pause", "0", "--rows", "1000")
	for name := range r.url {
		r.is(name, "SELECT min(n) || ' ' || max(n) || ' ' || (SELECT count(*) FROM rung.background) FROM a", "1 1 0")
	}
}
