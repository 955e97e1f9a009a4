package templates

import (
	"fmt"
	"maps"
	"slices"
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
	{name: "second in search_path", as: "things", real: "app.things", before: "CREATE SCHEMA app;", key: "id bigint", constraint: ", PRIMARY KEY (id)", of: "g", rows: 30, searchPath: "public,app"},
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

// onKinds says of each template how it is tried on each kind of table.
type onKinds struct {
	// columns are those that the table has beside its key, and values an
	// expression over g for each; before makes what they need.
	before, columns, values string
	// also makes what else a kind needs.
	also func(kind) string
	// given are the parameters; the table is added where the template takes one.
	given []string
	// refused tells, by kind, what the template says instead.
	refused map[string]string
	// steps is how many pairs are applied; all for 0. There is no down migration
	// where oneWay is set.
	steps  int
	oneWay bool
	after  func(*rig, kind)
}

// The refusals that most templates share.
const (
	noKey    = "no primary key"
	notOwned = "does not own things"
)

var needsKey = map[string]string{"not owned": notOwned, "no key": noKey}

const enumBefore = "CREATE TYPE status AS ENUM ('todo', 'in_progress', 'done');"

// enumOnKinds tries a template on a type that a table of each kind has.
func enumOnKinds(c onKinds) onKinds {
	c.before, c.columns = enumBefore, "status status NOT NULL DEFAULT 'todo', n int"
	c.values = "(enum_range(NULL::status))[g % 3 + 1], g"
	c.given = append(c.given, "type=public.status")
	if c.refused = maps.Clone(c.refused); c.refused == nil {
		c.refused = map[string]string{}
	}
	c.refused["not owned"] = "does not own public.status"
	return c
}

var templateKinds = map[string]onKinds{
	"add-column":      {columns: "note text", values: "'N'", given: []string{"column=low", "type=text", "value=lower(note)", "default=''"}, refused: needsKey},
	"add-foreign-key": {columns: "other_id int", values: "g", given: []string{"columns=other_id", "references=public.others"}, refused: map[string]string{"not owned": notOwned, "partitioned": "is partitioned"}},
	"add-index":       {columns: "note text", values: "'N' || g", given: []string{"columns=note"}, refused: map[string]string{"not owned": notOwned}},
	"backfill":        {columns: "note text", values: "CASE WHEN g > 5 THEN 'n' END", given: []string{"column=note", "value='filled'", "keep=true"}, refused: map[string]string{"no key": noKey}},
	"bigint-key":      {columns: "num int NOT NULL DEFAULT 0, small smallint", values: "g, g", given: []string{"column=num"}, refused: needsKey, steps: 4},
	"change-type":     {columns: "amount int NOT NULL", values: "g", given: []string{"column=amount", "type=bigint"}, refused: needsKey},
	"derived-column":  {columns: "note text", values: "'n'", also: notes, given: []string{"column=n", "source=public.notes", "value=count(*)", "keep=true"}, refused: needsKey, after: counted},
	"enum":            enumOnKinds(onKinds{given: []string{"map=todo=open"}}),
	"enum-add":        enumOnKinds(onKinds{given: []string{"values=new,todo,in_progress,done"}, oneWay: true}),
	"enum-online":     enumOnKinds(onKinds{given: []string{"values=done,todo", "map=in_progress=todo"}, refused: map[string]string{"no key": noKey, "partitioned": "partition"}, steps: 4}),
	"enum-rolling":    enumOnKinds(onKinds{given: []string{"map=todo=open", "schema=roll"}, refused: map[string]string{"no key": noKey, "partitioned": "partition"}, steps: 5}),
	"enum-rename":     enumOnKinds(onKinds{given: []string{"map=todo=open"}}),
	"enum-retire":     enumOnKinds(onKinds{given: []string{"map=done=todo"}, refused: map[string]string{"no key": noKey}, steps: 1}),
	"enum-swap":       enumOnKinds(onKinds{given: []string{"values=done,in_progress,todo"}}),
	"enum-to-text":    enumOnKinds(onKinds{}),
	"json-rename-key": {columns: "doc jsonb", values: `jsonb_build_object('n', g)`, given: []string{"column=doc", "path=n", "to=m"}, refused: map[string]string{"no key": noKey}},
	"json-split":      {columns: "doc jsonb", values: `jsonb_build_object('n', g)`, given: []string{"column=doc", "keys=n int"}, refused: needsKey},
	"list-to-table":   {columns: "list text", values: `'a,b,' || g`, given: []string{"column=list", "to=entries"}, refused: needsKey},
	"set-not-null":    {columns: "note text", values: "'n'", given: []string{"column=note"}, refused: map[string]string{"not owned": notOwned}},
	"soft-delete":     {columns: "gone timestamp", values: `CASE WHEN g > 9 THEN '2020-01-01'::timestamp END`, given: []string{"column=gone"}, refused: needsKey},
	"text-to-enum":    {columns: "note text DEFAULT 'a'", values: "CASE g % 2 WHEN 1 THEN 'a' ELSE 'b' END", given: []string{"column=note", "type=public.letter", "values=a,b"}, refused: map[string]string{"not owned": notOwned}},
}

// Every template works on every kind of table, or says why not and writes
// nothing. One that is not in the list above fails here.
func TestEveryTemplateOnEveryKindOfTable(t *testing.T) {
	t.Parallel()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range set.Names() {
		if name == "contract" {
			continue // it continues with what another one wrote: contract_test.go
		}
		c, ok := templateKinds[name]
		if !ok {
			t.Errorf("%s is not tried", name)
			continue
		}
		for _, k := range kinds {
			t.Run(name+"/"+k.name, func(t *testing.T) {
				t.Parallel()
				c.try(t, set[name], k)
			})
		}
	}
}

func (c onKinds) try(t *testing.T, template *Template, k kind) {
	r := newRig(t, c.before+k.setup(c.columns, c.values))
	if c.also != nil {
		r.exec(c.also(k))
	}
	if k.searchPath != "" {
		r.url = option(t, r.url, "search_path", k.searchPath)
	}
	if k.user != "" {
		r.url = pgtest.AsUser(t, r.url, k.user)
	}
	p := params(c.given...)
	if slices.ContainsFunc(template.Params, func(p Param) bool { return p.Name == "table" }) {
		p["table"] = k.as
	}
	if says, ok := c.refused[k.name]; ok {
		r.refused(template.Name, p, says)
		return
	}
	r.add(template.Name, p)
	if c.steps > 0 {
		r.only(c.steps)
	}
	if k.user != "" || c.oneWay { // Dump is the owner's business
		r.up(0)
		return
	}
	switch k.name {
	case "plain", "partitioned":
		r.goesAndReturns()
	default: // what pg_dump alone would say is as on these two
		r.goesAndReturnsBy(r.snapshot)
	}
	if c.after != nil {
		c.after(r, k)
	}
}

// notes is a table with a foreign key to one of the kind, where it has a key.
func notes(k kind) string {
	if k.constraint == "" {
		return "CREATE TABLE notes ()"
	}
	key := strings.TrimSuffix(strings.TrimPrefix(k.constraint, ", PRIMARY KEY ("), ")")
	return fmt.Sprintf("CREATE TABLE notes (%s, FOREIGN KEY (%s) REFERENCES %s); INSERT INTO notes SELECT %[2]s FROM %[3]s; GRANT ALL ON notes TO PUBLIC", k.key, key, k.real)
}

// counted expects the column to follow its source.
func counted(r *rig, k kind) {
	r.exec("DELETE FROM public.notes")
	r.rows("SELECT DISTINCT n FROM "+k.real, map[bool][]string{true: {"0"}}[k.rows > 0]...)
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
