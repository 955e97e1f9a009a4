package templates

import (
	"strings"
	"testing"
)

// In these § is the name as SQL, ¤ as it is, and @ one that starts with it.
const oddTables = `CREATE TABLE § (id int PRIMARY KEY, § text DEFAULT 'a', doc jsonb, deleted_at timestamptz, ref int);
CREATE UNIQUE INDEX ON § (§, id); CREATE INDEX live ON § (§) WHERE deleted_at IS NULL; CREATE TABLE @ (id int PRIMARY KEY, § int REFERENCES §); CREATE INDEX ON @ (§);
INSERT INTO § SELECT g, CASE g % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'A' ELSE 'x,y' END, jsonb_build_object('n', 1, 'a', jsonb_build_object('¤', 2)), CASE WHEN g > 9 THEN '2020-01-01'::timestamp END, g FROM generate_series(1, 12) AS g;
INSERT INTO @ VALUES (1, 1), (2, 1)`

const oddEnums = `CREATE TYPE § AS ENUM ('a', 'b', 'c'); CREATE TABLE @ (id int PRIMARY KEY, § § DEFAULT 'a', "of" §[], CHECK (§ <> 'c')); CREATE UNIQUE INDEX ON @ (§, id) WHERE § <> 'b';
INSERT INTO @ SELECT g, (ARRAY['a', 'b'])[g % 2 + 1]::§, '{a,b}' FROM generate_series(1, 12) AS g; CREATE VIEW seen AS SELECT § FROM @ WHERE § = 'a'`

// Tables and columns named like what triggers and statements call theirs.
func TestEveryTemplateWithOddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"new", "old", `Weird "Name`} {
		in := strings.NewReplacer("§", Ident(name), "¤", name, "@", Ident(name+"2"))
		for template, c := range map[string]struct{ given, write string }{
			"add-column":      {"column=low|type=text|value=lower(§)", "UPDATE § SET § = 'Q' WHERE id = 2"},
			"add-foreign-key": {"columns=ref|references=§", ""},
			"add-index":       {"columns=§, id|unique=true", ""},
			"backfill":        {"column=¤|value=upper(§)|where=§ <> 'q'|keep=true", ""},
			"change-type":     {"column=¤|type=varchar(40)", "UPDATE § SET § = 'Q' WHERE id = 2; INSERT INTO § (id, §) VALUES (50, 'R')"},
			"derived-column":  {"column=n|source=@|value=count(*)|on=§", "INSERT INTO @ VALUES (90, 1); DELETE FROM @ WHERE id = 1; UPDATE @ SET § = 2 WHERE id = 2"},
			"json-rename-key": {`column=doc|path=a.§|to=m`, ""},
			"json-split":      {`column=doc|keys=n AS @ int`, `UPDATE § SET doc = '{"n": 9}' WHERE id = 2`},
			"list-to-table":   {"column=¤|to=words", "UPDATE § SET § = 'Q,r' WHERE id = 2"},
			"set-not-null":    {"column=¤", ""},
			"soft-delete":     {"column=deleted_at", "UPDATE § SET deleted_at = now() WHERE id = 2; UPDATE § SET is_deleted = true WHERE id = 3"},
			"text-to-enum":    {"column=¤|type=kind|map=A=a|values=a,b,'x,y'", "UPDATE § SET § = 'b' WHERE id = 2"},
			"enum-add":        {"values=a,z,b,c", "UPDATE @ SET § = 'b' WHERE id = 2"},
			"enum-online":     {"map=b=a", "UPDATE @ SET § = 'a', \"of\" = '{b}' WHERE id = 2"},
			"enum-rename":     {"map=b=x", ""},
			"enum-retire":     {"map=a=b", "UPDATE @ SET § = 'b' WHERE id = 2"},
			"enum-swap":       {"map=b=a", "UPDATE @ SET § = 'a' WHERE id = 2"},
			"enum-to-text":    {"", "UPDATE @ SET § = 'b' WHERE id = 2"},
		} {
			t.Run(template+" "+name, func(t *testing.T) {
				t.Parallel()
				p := map[string]string{"table": Ident(name)}
				setup := oddTables
				if strings.HasPrefix(template, "enum") {
					p, setup = map[string]string{"type": Ident(name)}, oddEnums
				}
				if template == "enum-retire" { // it takes no arrays
					setup += `; ALTER TABLE @ DROP COLUMN "of"`
				}
				for _, one := range strings.Split(c.given, "|") {
					if k, v, ok := strings.Cut(one, "="); ok {
						p[k] = in.Replace(v)
					}
				}
				r := newRig(t, in.Replace(setup))
				r.add(template, p)
				for i := range r.next {
					was := r.dump()
					r.up(1)
					if err := r.tryDown(1); err != nil && strings.Contains(err.Error(), "irreversible") {
						continue
					} else if err != nil {
						t.Fatalf("%v\n%s", err, r.text())
					}
					if template != "change-type" || i < r.next-1 { // the column has come to stand last
						r.same("down", was)
					}
					r.up(1)
					if i == min(1, r.next-1) {
						r.exec(in.Replace(c.write))
					}
				}
			})
		}
	}
}
