package proof

import (
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

// With CheckData the live rows are asked what the pending files want of them.
func TestReviewCheckData(t *testing.T) {
	t.Parallel()
	live := pgtest.URL(t)
	conn, err := pq.NewConfig(live)
	if err != nil {
		t.Fatal(err)
	}
	setup := "CREATE TABLE users (id bigint PRIMARY KEY, age int, name text, code text);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);"
	first := directory(t, "1_setup.up.sql", setup)
	run, err := runner.New(runner.Config{Conn: conn, Dir: first})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Up(t.Context(), runner.UpRequest{}); err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, live, "INSERT INTO users VALUES (1, 10, 'Ann'), (100000, NULL, 'ann'), (3, 3, 'Bob'); INSERT INTO orders VALUES (1, 7)")
	for name, c := range map[string]struct{ up, broken, notes string }{
		"not null":      {up: "ALTER TABLE users ALTER COLUMN age SET NOT NULL;", broken: "SELECT * FROM public.users WHERE age IS NULL LIMIT 10"},
		"holds":         {up: "ALTER TABLE users ALTER COLUMN name SET NOT NULL;"},
		"check":         {up: "ALTER TABLE users ADD CHECK (age > 10);", broken: "SELECT * FROM public.users WHERE NOT ((age > 10)) LIMIT 10"},
		"not valid":     {up: "ALTER TABLE users ADD CONSTRAINT c CHECK (age > 10) NOT VALID;"},
		"validated":     {up: "ALTER TABLE users ADD CONSTRAINT c CHECK (age > 10) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT c;", broken: "SELECT * FROM public.users WHERE NOT ((age > 10)) LIMIT 10"},
		"foreign key":   {up: "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);", broken: "SELECT child.* FROM public.orders AS child WHERE child.user_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.users AS parent WHERE parent.id = child.user_id) LIMIT 10"},
		"unique":        {up: "CREATE UNIQUE INDEX CONCURRENTLY u ON users (lower(name));", broken: "SELECT lower(name), count(*) FROM public.users WHERE true AND lower(name) IS NOT NULL GROUP BY lower(name) HAVING count(*) > 1 LIMIT 10"},
		"partly unique": {up: "CREATE UNIQUE INDEX CONCURRENTLY u ON users (name) WHERE age > 5;"},
		"length":        {up: "ALTER TABLE users ALTER COLUMN name TYPE varchar(2);", broken: "SELECT * FROM public.users WHERE length(rtrim(name::text, ' ')) > 2 LIMIT 10"},
		"range":         {up: "ALTER TABLE users ALTER COLUMN id TYPE smallint;", broken: ""},
		"fits":          {up: "ALTER TABLE users ALTER COLUMN age TYPE smallint;"},
		"put right":     {up: "UPDATE users SET age = 0 WHERE age IS NULL;\nALTER TABLE users ALTER COLUMN age SET NOT NULL;", notes: "sql/2_case.up.sql:2: whether age is never NULL is not checked in the live rows: sql/2_case.up.sql:1 may change them first"},
		"new table":     {up: "CREATE TABLE t (a int NOT NULL CHECK (a > 0));"},
	} {
		t.Run(name, func(t *testing.T) {
			d := directory(t, "1_setup.up.sql", setup, "2_case.up.sql", c.up, "2_case.down.sql", "-- rung:irreversible a case")
			before := pgtest.Dump(t, live)
			r := mustReview(t, ReviewConfig{Dir: d, Live: true, CheckData: true, Runner: runner.Config{Conn: conn}})
			if pgtest.Dump(t, live) != before {
				t.Error("the live database has changed")
			}
			var broken []string
			for _, f := range r.Findings {
				if f.ID == "would-violate" {
					broken = append(broken, f.Command)
				}
			}
			if name == "range" { // a CAST tells, so there is no query that lists rows
				if len(broken) != 1 {
					t.Error("not found")
				}
				return
			}
			if got := strings.Join(broken, "\n"); got != c.broken {
				t.Errorf("%s\nwant\n%s", got, c.broken)
			}
			if got := strings.Join(r.Notes, "\n"); got != c.notes {
				t.Errorf("%s\nwant\n%s", got, c.notes)
			}
		})
	}
}
