package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"rung/cli/internal/fault"
	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

// schemaRig is a directory and a database whose schemas are its targets.
type schemaRig struct {
	*fleetRig
	address string
}

func newSchemaRig(t *testing.T, schemas int) *schemaRig {
	r := &schemaRig{newFleetRig(t), pgtest.URL(t)}
	r.url["db"] = r.address
	for n := range schemas {
		pgtest.Exec(t, r.address, fmt.Sprintf("CREATE SCHEMA tenant_%d", n+1))
	}
	// The same names in public: what falls through to them shows.
	pgtest.Exec(t, r.address, "CREATE TABLE public.a (id int PRIMARY KEY, n int); INSERT INTO public.a SELECT g, 0 FROM generate_series(1, 100) AS g")
	r.file("1_a", "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);\nINSERT INTO a SELECT generate_series(1, 1000);", "DROP TABLE a;")
	r.file("2_b", "-- rung:batch key=a.id rows=100\nUPDATE a SET n = n + 1 WHERE id BETWEEN $1 AND $2;", "-- rung:batch key=a.id\nUPDATE a SET n = n - 1 WHERE id BETWEEN $1 AND $2;")
	return r
}

// up runs rung over the schemas.
func (r *schemaRig) over(ctx context.Context, code int, address string, args ...string) (out, errs string) {
	r.Helper()
	var stdout, stderr bytes.Buffer
	all := append([]string{"rung", "--dir", r.dir, "--database-url", address}, args...)
	if !strings.Contains(strings.Join(args, " "), "--each-schema") {
		all = append(all, "--each-schema", "tenant_*")
	}
	if got := run(ctx, all, strings.NewReader(""), &stdout, &stderr); got != code {
		r.Fatalf("%v: exit status %d, not %d\n%s%s", args, got, code, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

// done checks that each schema has everything once, and nothing was done elsewhere.
func (r *schemaRig) done(schemas, versions int) {
	r.Helper()
	for n := range schemas {
		r.is("db", fmt.Sprintf("SELECT count(*) || ' ' || min(n) || ' ' || max(n) FROM tenant_%d.a", n+1), "1000 1 1")
	}
	r.is("db", "SELECT max(n) FROM public.a", "0")
	r.is("db", "SELECT count(DISTINCT scope) || ' ' || count(*) || ' ' || count(*) FILTER (WHERE state = 'applied' AND scope <> '') FROM rung.migrations", fmt.Sprintf("%d %d %[2]d", schemas, schemas*versions))
}

// TestSchemas: one history for all, each file once in each schema, two runs at once.
func TestSchemas(t *testing.T) {
	r := newSchemaRig(t, 5)
	r.file("3_c", "CREATE INDEX CONCURRENTLY a_n ON a (n);", "DROP INDEX CONCURRENTLY a_n;")
	r.twice("up", "--quiet", "--database-url", r.address, "--each-schema", "tenant_*")
	r.done(5, 3)
	r.is("db", "SELECT string_agg(schemaname, ' ' ORDER BY schemaname) FROM pg_indexes WHERE indexname = 'a_n'", "tenant_1 tenant_2 tenant_3 tenant_4 tenant_5")
	r.is("db", "SELECT count(*) FROM rung.log WHERE action = 'up'", "15")
	out, errs := r.over(t.Context(), fault.ExitDone, r.address, "up")
	mentions(t, out, "      5  3   done")
	if errs != "" {
		t.Errorf("nothing to do, and it says\n%s", errs)
	}
	// One schema's down is no other's, and nothing of the database's own.
	r.over(t.Context(), fault.ExitDone, r.address, "down", "--only", "tenant_2", "--steps", "2")
	r.is("db", "SELECT max(n) || ' ' || (SELECT min(n) FROM tenant_3.a) FROM tenant_2.a", "0 1")
	out, _ = r.over(t.Context(), fault.ExitPending, r.address, "status", "--exit-code")
	mentions(t, out, "      4  3   at head", "      1  1   2 pending  tenant_2")
	// A new tenant is brought to its head.
	pgtest.Exec(t, r.address, "CREATE SCHEMA tenant_6")
	_, errs = r.over(t.Context(), fault.ExitDone, r.address, "up", "--each-schema", "tenant_6")
	mentions(t, errs, "tenant_6: applied 3 migrations, now at 3")
	r.over(t.Context(), fault.ExitDone, r.address, "up")
	r.done(6, 3)
	r.over(t.Context(), fault.ExitDone, r.address, "down", "--to", "0", "--yes")
	r.is("db", "SELECT count(*) FROM rung.migrations", "0")
}

// TestSchemasDrift: schemas that hold the same are the same, whatever their names are,
// and one that differs is named with what differs.
func TestSchemasDrift(t *testing.T) {
	r := newSchemaRig(t, 3)
	pgtest.Exec(t, r.address, `CREATE SCHEMA "tenant_Weird ""x"; CREATE SCHEMA a; CREATE TABLE a.tenant (id int); GRANT USAGE ON SCHEMA tenant_1, tenant_2, tenant_3, "tenant_Weird ""x" TO PUBLIC`)
	r.file("3_c", "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE FUNCTION f(m mood) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';\nCREATE TABLE c (id int REFERENCES a, m mood DEFAULT 'ok', CHECK (f(m) > 0));\n"+
		"CREATE INDEX c_m ON c (f(m)) WHERE id > 0;\nCREATE VIEW v AS SELECT * FROM a JOIN c USING (id);\nCOMMENT ON TABLE c IS 'of all';", "DROP VIEW v; DROP TABLE c; DROP FUNCTION f; DROP TYPE mood;")
	r.over(t.Context(), fault.ExitDone, r.address, "up")
	out, _ := r.over(t.Context(), fault.ExitDone, r.address, "status", "--drift")
	mentions(t, out, "      4  3   at head  tenant_1, tenant_2, tenant_3, tenant_Weird")
	pgtest.Exec(t, r.address, `DROP INDEX tenant_2.c_m; CREATE INDEX odd ON "tenant_Weird ""x".a (n); ALTER TYPE tenant_3.mood ADD VALUE 'odd'; REVOKE USAGE ON SCHEMA tenant_2 FROM PUBLIC`)
	out, _ = r.over(t.Context(), fault.ExitDone, r.address, "status", "--drift")
	mentions(t, out, "      1  3   at head                  tenant_1", "      3  3   at head, schema differs", "tenant_2 differs from tenant_1 at the same version: grant USAGE on the schema to public is missing; index c_m is missing",
		`tenant_Weird "x differs from tenant_1 at the same version: index odd is there too`, "value 'odd' of mood is there too")
}

// TestSchemasPgBouncer: SET LOCAL in each transaction, so that a pool of few server
// connections mixes no two schemas up.
func TestSchemasPgBouncer(t *testing.T) {
	r := newSchemaRig(t, 6)
	bouncer := pgtest.PgBouncer(t, r.address, "transaction", 5)
	r.over(t.Context(), fault.ExitDone, bouncer, "up", "--parallel", "2")
	r.done(6, 2)
}

// TestSchemasRefused: what is wrong, before it does anything anywhere else.
func TestSchemasRefused(t *testing.T) {
	r := newSchemaRig(t, 2)
	_, errs := r.over(t.Context(), fault.ExitUsage, r.address, "up", "--each-schema", "customer_*")
	mentions(t, errs, "no schema of this database has such a name")
	for _, args := range [][]string{{"adopt"}, {"plan", "--sql"}} {
		r.over(t.Context(), fault.ExitUsage, r.address, args...)
	}
	r.file("3_c", "CREATE TABLE public.c (id int);", "DROP TABLE public.c;")
	_, errs = r.over(t.Context(), fault.ExitFailed, r.address, "up", "--parallel", "1")
	mentions(t, errs, "3_c.up.sql:1:14: names schema public", "tenant_1: applied 3 migrations", `tenant_2: rung: `, `relation "c" already exists (42P07)`)
	// A role that may not use the schema must not fall through to another one.
	pgtest.Exec(t, r.address, `CREATE SCHEMA tenant_9; DO $$ BEGIN
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleet_deployer') THEN CREATE ROLE fleet_deployer LOGIN; END IF; END $$;
		GRANT ALL ON ALL TABLES IN SCHEMA rung TO fleet_deployer; GRANT USAGE ON SCHEMA rung TO fleet_deployer; GRANT ALL ON SCHEMA public TO fleet_deployer`)
	pgtest.Exec(t, r.address, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO fleet_deployer', current_database()); END $$; ALTER SCHEMA rung OWNER TO fleet_deployer`)
	for _, table := range []string{"format", "migrations", "steps", "batches", "control", "log"} {
		pgtest.Exec(t, r.address, "ALTER TABLE rung."+table+" OWNER TO fleet_deployer")
	}
	pgtest.Exec(t, r.address, "ALTER VIEW rung.applied OWNER TO fleet_deployer; ALTER FUNCTION rung.refuse_change OWNER TO fleet_deployer")
	_, errs = r.over(t.Context(), fault.ExitFailed, pgtest.AsUser(t, r.address, "fleet_deployer"), "up", "--each-schema", "tenant_9", "--shared-schema", "public")
	mentions(t, errs, "schema tenant_9 is not there, or this role may not use it")
	r.is("db", "SELECT count(*) FROM rung.migrations WHERE scope = 'tenant_9'", "0")
}

// TestSchemasMessages: with nothing to do three messages for all schemas; with a file
// pending three for each, and what is found out once.
func TestSchemasMessages(t *testing.T) {
	const schemas = 12
	r := newSchemaRig(t, schemas)
	p, through := pgtest.Proxy(t, r.address)
	messages := 0 // hooks run one at a time
	p.OnClientMessage(func(m proxy.Message) proxy.Action {
		if m.SQL() != "" {
			messages++
		}
		return proxy.Forward
	})
	count := func(most int, args ...string) {
		t.Helper()
		messages = 0
		r.over(t.Context(), fault.ExitDone, through, args...)
		if messages > most {
			t.Errorf("%v: %d messages, %d are the most", args, messages, most)
		}
	}
	r.over(t.Context(), fault.ExitDone, r.address, "up")
	r.done(schemas, 2)
	count(3, "up")
	r.file("3_c", "ALTER TABLE a ADD COLUMN c int;", "ALTER TABLE a DROP COLUMN c;")
	const once, firstReads = 6, 2 * 3 // of the two that begin before anything is known
	count(3*schemas+once+firstReads, "up", "--parallel", "2")
	r.done(schemas, 3)
	count(3, "up")
}
