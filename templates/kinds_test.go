package templates

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// kind is a sort of table that every template works on or refuses.
type kind struct {
	name string
	// as is what the user calls the table; real its full name.
	as, real string
	// before makes what the table needs; key are its key's columns, constraint
	// is its primary key, of is its key in row g, and after the table's tail.
	before, key, constraint, of, after string
	then                               string
	rows                               int
	searchPath                         string
	user                               string
}

var kinds = []kind{
	{name: "plain", as: "things", real: "things", key: "id bigint", constraint: ", PRIMARY KEY (id)", of: "g", rows: 30},
	{name: "empty", as: "things", real: "things", key: "id bigint", constraint: ", PRIMARY KEY (id)", of: "g"},
	{name: "no key", as: "things", real: "things", key: "id bigint", of: "g", rows: 30},
	{name: "composite", as: "things", real: "things", key: "a int, b text", constraint: ", PRIMARY KEY (a, b)", of: "g % 3, 'x' || g", rows: 30},
	{name: "uuid", as: "things", real: "things", key: "id uuid", constraint: ", PRIMARY KEY (id)", of: "md5(g::text)::uuid", rows: 30},
	{name: "quoted", as: `"Weird ""Name"`, real: `"Weird ""Name"`, key: `"the Id" int`, constraint: `, PRIMARY KEY ("the Id")`, of: "g", rows: 30},
	{name: "schema", as: "app.things", real: "app.things", before: "CREATE SCHEMA app;", key: "id bigint", constraint: ", PRIMARY KEY (id)", of: "g", rows: 30},
	{name: "search_path", as: "things", real: "app.things", before: "CREATE SCHEMA app;", key: "id bigint", constraint: ", PRIMARY KEY (id)", of: "g", rows: 30, searchPath: "app"},
	{
		name: "partitioned", as: "things", real: "things", key: "id bigint", constraint: ", PRIMARY KEY (id)", of: "g", rows: 30,
		after: " PARTITION BY RANGE (id)",
		then:  "CREATE TABLE things_low PARTITION OF things FOR VALUES FROM (MINVALUE) TO (11); CREATE TABLE things_high PARTITION OF things FOR VALUES FROM (11) TO (MAXVALUE);",
	},
	{
		name: "not owned", as: "things", real: "things", key: "id bigint", constraint: ", PRIMARY KEY (id)", of: "g", rows: 30, user: "rung_guest",
		then: `DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(4711);
    IF to_regrole('rung_guest') IS NULL THEN CREATE ROLE rung_guest LOGIN; END IF;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON things TO rung_guest;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO rung_guest', current_database()); END $$; GRANT ALL ON SCHEMA public TO rung_guest;`,
	},
}

// eachKind makes a table of every kind with further columns, filled by a list
// of expressions over g, and has the template written for it. Refused tells,
// by kind, what it says instead.
func eachKind(t *testing.T, template, columns, values string, refused map[string]string, given ...string) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, k.setup(columns, values))
			if k.searchPath != "" {
				r.url = option(t, r.url, "search_path", k.searchPath)
			}
			if k.user != "" {
				r.url = pgtest.AsUser(t, r.url, k.user)
			}
			p := params(given...)
			if p["table"] == "" {
				p["table"] = k.as
			}
			if says, ok := refused[k.name]; ok {
				r.refused(template, p, says)
				return
			}
			r.add(template, p)
			if k.user != "" { // Dump is the owner's business
				r.up(0)
				return
			}
			r.goesAndReturns()
		})
	}
}

func (k kind) setup(columns, values string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s CREATE TABLE %s (%s, %s%s)%s; %s ", others, k.before, k.real, k.key, columns, k.constraint, k.after, k.then)
	fmt.Fprintf(&b, "INSERT INTO %s SELECT %s, %s FROM generate_series(1, %d) AS g;", k.real, k.of, values, k.rows)
	return b.String()
}

// others is a table for what needs a second one. A guest may use it.
const others = `CREATE TABLE others (id int PRIMARY KEY);
INSERT INTO others SELECT generate_series(1, 30);
GRANT ALL ON others TO PUBLIC;`

// The refusals that most templates share.
const (
	noKey    = "no primary key"
	notOwned = "does not own things"
)
