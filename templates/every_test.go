package templates

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
	"rung/internal/pgtext"
	"rung/internal/script"
	"rung/runner"
)

// In these § is the name as SQL, ¤ as it is, and @ one that starts with it.
const oddTables = `CREATE TABLE § (id int PRIMARY KEY, § text NOT NULL DEFAULT 'a', doc jsonb, deleted_at timestamptz, ref int);
CREATE UNIQUE INDEX ON § (§, id); CREATE INDEX live ON § (§) WHERE deleted_at IS NULL; CREATE TABLE @ (id int PRIMARY KEY, § int REFERENCES §); CREATE INDEX ON @ (§);
INSERT INTO § SELECT g, CASE g % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'A' ELSE 'x,y' END, jsonb_build_object('n', 1, 'a', jsonb_build_object('¤', 2)), CASE WHEN g > 9 THEN '2020-01-01'::timestamp END, g FROM generate_series(1, 12) AS g;
CREATE INDEX ON § (id) WHERE deleted_at IS NOT NULL; INSERT INTO § SELECT g, 'b', '{"a": {"m": 1}, "n": 3}' FROM generate_series(20, 24) AS g;
INSERT INTO @ VALUES (1, 1), (2, 1)`

const oddEnums = `CREATE TYPE § AS ENUM ('a', 'b', 'c'); CREATE TABLE @ (id int PRIMARY KEY, § § NOT NULL DEFAULT 'a', past §[], CHECK (§ <> 'c')); CREATE INDEX ON @ (§); CREATE UNIQUE INDEX ON @ (§, id) WHERE § <> 'b';
INSERT INTO @ SELECT g, (ARRAY['a', 'b'])[g % 2 + 1]::§, '{a,b}' FROM generate_series(1, 12) AS g; CREATE VIEW seen AS SELECT § FROM @ WHERE § = 'a'`

// everyTemplate is a use of each, and a write that its triggers must bear.
var everyTemplate = map[string]struct{ given, write string }{
	"add-column":      {"column=low|type=text|value=lower(§)", "UPDATE § SET § = 'Q' WHERE id = 2"},
	"add-foreign-key": {"columns=ref|references=§", ""},
	"add-index":       {"columns=§, id|unique=true", ""},
	"backfill":        {"column=¤|value=upper(§)|where=§ <> 'q'|keep=true", ""},
	"bigint-key":      {"", "INSERT INTO § (id, ref) VALUES (51, 1); UPDATE § SET id = 52 WHERE id = 51; INSERT INTO @ (id, §) VALUES (50, 2)"},
	"change-type":     {"column=¤|type=varchar(40)", "UPDATE § SET § = 'Q' WHERE id = 2; INSERT INTO § (id, §) VALUES (50, 'R')"},
	"derived-column":  {"column=n|source=@|value=count(*)|on=§", "INSERT INTO @ VALUES (90, 1); DELETE FROM @ WHERE id = 1; UPDATE @ SET § = 2 WHERE id = 2"},
	"json-rename-key": {"column=doc|path=a.§|to=m", ""},
	"json-split":      {"column=doc|keys=n AS @ int", `UPDATE § SET doc = '{"n": 9}' WHERE id = 2`},
	"list-to-table":   {"column=¤|to=words", "UPDATE § SET § = 'Q,r' WHERE id = 2"},
	"set-not-null":    {"column=doc", ""},
	"soft-delete":     {"column=deleted_at", "UPDATE § SET deleted_at = now() WHERE id = 2; UPDATE § SET is_deleted = true WHERE id = 3"},
	"text-to-enum":    {"column=¤|type=kind|map=A=a|values=a,b,'x,y'", "UPDATE § SET § = 'b' WHERE id = 2"},
	"enum-add":        {"values=a,z,b,c", "UPDATE @ SET § = 'b' WHERE id = 2"},
	"enum-online":     {"map=b=a", "UPDATE @ SET § = 'a', past = '{b}' WHERE id = 2"},
	"enum-rename":     {"map=b=x", ""},
	"enum-retire":     {"map=a=b", "UPDATE @ SET § = 'b' WHERE id = 2"},
	"enum-rolling":    {"map=b=x", "UPDATE @ SET § = 'a' WHERE id = 2"},
	"enum-swap":       {"map=b=a", "UPDATE @ SET § = 'a' WHERE id = 2"},
	"enum-to-text":    {"", "UPDATE @ SET § = 'b' WHERE id = 2"},
}

// eachTemplate runs f for every template over tables that have a name.
func eachTemplate(t *testing.T, name string, f func(r *rig, template string, in *strings.Replacer)) {
	eachUse(t, name, func(t *testing.T, template, setup string, p map[string]string, in *strings.Replacer) {
		r := newRig(t, setup)
		r.add(template, p)
		f(r, template, in)
	})
}

// eachUse hands f the use of every template over tables that have a name, and what
// makes them.
func eachUse(t *testing.T, name string, f func(t *testing.T, template, setup string, p map[string]string, in *strings.Replacer)) {
	in := strings.NewReplacer("§", pgtext.Ident(name), "¤", name, "@", pgtext.Ident(name+"2"))
	for template, c := range everyTemplate {
		t.Run(template+" "+name, func(t *testing.T) {
			t.Parallel()
			p, setup := map[string]string{"table": pgtext.Ident(name)}, oddTables
			if strings.HasPrefix(template, "enum") {
				p, setup = map[string]string{"type": pgtext.Ident(name)}, oddEnums
			}
			switch template { // these take no arrays, or no views
			case "enum-retire":
				setup += "; ALTER TABLE @ DROP COLUMN past"
			case "enum-rolling":
				setup += "; DROP VIEW seen; ALTER TABLE @ DROP COLUMN past"
			}
			for _, one := range strings.Split(c.given, "|") {
				if k, v, ok := strings.Cut(one, "="); ok {
					p[k] = in.Replace(v)
				}
			}
			f(t, template, in.Replace(setup), p, in)
		})
	}
}

// reverted goes down by one, and reports whether there is a down migration.
func (r *rig) reverted() bool {
	r.Helper()
	err := r.tryDown(1)
	if err != nil && !strings.Contains(err.Error(), "irreversible") {
		r.Fatalf("down: %v\n%s", err, r.text())
	}
	return err == nil
}

// Tables and columns named like what triggers and statements call theirs.
func TestEveryTemplateWithOddNames(t *testing.T) {
	t.Parallel()
	eachTemplate(t, "new", func(r *rig, template string, in *strings.Replacer) {
		r.up(2)
		r.exec(in.Replace(everyTemplate[template].write))
		r.up(0)
		for n := r.next; n > 0 && r.reverted(); n-- {
		}
		r.up(0)
	})
}

// An up file may stop before any of its statements, and between batches. Down
// leaves nothing of it.
func TestEveryTemplateComesDownFromHalfway(t *testing.T) {
	t.Parallel()
	eachTemplate(t, "it", func(r *rig, _ string, _ *strings.Replacer) {
		all := r.files
		if !strings.Contains(r.text(), "CONCURRENTLY") && !strings.Contains(r.text(), "rung:batch") && !strings.Contains(r.text(), "VALIDATE") {
			return // each file is one transaction
		}
		r.batch = "4"
		for i := range r.next {
			r.files = fstest.MapFS{}
			for name, file := range all {
				if name < fmt.Sprintf("%06d", i+2) {
					r.files[name] = file
				}
			}
			if r.up(1); !r.reverted() {
				continue
			}
			r.comesDown(i+1, r.snapshot()) // once a column has come to stand last, it stays there
			r.up(1)
		}
	})
}

// comesDown stops the last file in every way, and goes down from there.
func (r *rig) comesDown(version int, was string) {
	r.Helper()
	half := func() bool {
		return pgtest.QueryString(r, r.url, fmt.Sprintf("SELECT count(*) FROM rung.steps WHERE version = %d", version)) != "0"
	}
	good, up := r.files, ""
	for name := range good {
		if strings.HasPrefix(name, fmt.Sprintf("%06d", version)) && strings.HasSuffix(name, ".up.sql") {
			up = name
		}
	}
	text := string(good[up].Data)
	file, err := script.Split(strings.NewReader(text))
	if err != nil {
		r.Fatal(err)
	}
	at, group := 0, false
	for _, s := range file.Statements {
		r.files = maps.Clone(good)
		r.files[up] = &fstest.MapFile{Data: []byte(text[:at] + "\n\nSELECT 1 / 0;\n" + text[at:])}
		d, err := runner.Load(r.files, "sql")
		stopped := err == nil && d.Bad() == nil && at > 0 && !group && r.tryUp(0) != nil
		if r.files = good; stopped && half() {
			r.down(1)
			r.stillHas(fmt.Sprintf("down from %s:%d", up, s.Pos.Line), was)
		}
		at += len(s.Text)
		group = s.Words[0] == "BEGIN" || group && s.Words[0] != "COMMIT"
	}
	if !strings.Contains(text, "-- rung:batch") {
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	r.hear = func(e runner.Event) {
		if _, ok := e.(runner.BatchDone); ok {
			cancel()
		}
	}
	_, err = r.runner().Up(ctx, runner.UpRequest{})
	if r.hear = nil; err == nil || half() {
		r.down(1)
		r.stillHas("down from between batches", was)
	}
}
