package templates

import (
	"strings"
	"testing"
)

const paired = `CREATE TYPE status AS ENUM ('todo', 'doing', 'done', 'cancelled');
CREATE TABLE pairs (a int, b text, previous status, status status NOT NULL, past status[], PRIMARY KEY (a, b));
INSERT INTO pairs SELECT g, 'x', 'doing', 'todo', '{doing}' FROM generate_series(1, 20) AS g;
ALTER TABLE pairs ADD CONSTRAINT not_same CHECK (previous IS DISTINCT FROM 'cancelled' OR status <> 'todo');
`

const closes = "rows would violate a CHECK with their new values: 2 of public.pairs: not_same, such as a, b = 3, x"

// A merge may make rows violate a CHECK. It must show before the second column
// has one, which live writes would fail of.
func TestEnumOnlineRowsPassTheirChecks(t *testing.T) {
	t.Parallel()
	r := newRig(t, paired)
	merge := set{"type": "status", "map": "cancelled=done"}
	r.exec("UPDATE pairs SET previous = 'done' WHERE a IN (3, 4)")
	wantRefusal(t, r.url, "enum-online", merge, closes, "change these rows or the CHECK")
	r.exec("UPDATE pairs SET previous = 'doing' WHERE a IN (3, 4)")
	r.add("enum-online", params("type=status", "map=cancelled=done"))
	// The directory's files were written for other rows.
	r.exec("UPDATE pairs SET previous = 'done' WHERE a IN (3, 4)")
	before := r.dump()
	if err := r.tryUp(1); err == nil || !strings.Contains(err.Error(), closes) {
		t.Fatal(err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE pairs SET previous = 'doing' WHERE a IN (3, 4)")
	r.up(0)
}

// Other values and another order count too; what violates a CHECK that is NOT
// VALID already does not.
func TestEnumOnlineRowsPassOtherChecks(t *testing.T) {
	t.Parallel()
	r := newRig(t, paired+`UPDATE pairs SET status = 'done' WHERE a = 7; UPDATE pairs SET past = '{todo,cancelled}' WHERE a = 9; UPDATE pairs SET past = '{todo,done}' WHERE a = 5;
ALTER TABLE pairs ADD CONSTRAINT "in Order" CHECK (status < 'done' OR a = 7), ADD CONSTRAINT "of past" CHECK (past <> '{todo,done}') NOT VALID`)
	wantRefusal(t, r.url, "enum-online", set{"type": "status", "values": "done,cancelled,doing,todo"}, `19 of public.pairs: "in Order", such as a, b = 1, x`)
	r.add("enum-online", params("type=status", "values=todo,doing,cancelled,done"))
	wantRefusal(t, r.url, "enum-online", set{"type": "status", "map": "done=cancelled"}, `CHECK with their new values: 1 of public.pairs: "of past", such as a, b = 9, x`)
}

func TestEnumOnlineSaysWhatItLocks(t *testing.T) {
	t.Parallel()
	r := newRig(t, tickets)
	says := func(want string) {
		t.Helper()
		_, in, err := expand(t, r.url, "enum-online", set{"type": "status", "values": "cancelled,done,doing,todo"})
		if err != nil {
			t.Fatal(err)
		}
		if report := strings.Join(in.Report, "\n"); !strings.Contains(report, "at the switch and the contract, on "+want+"\n") {
			t.Error(report)
		}
	}
	says("public.tickets")
	r.exec("CREATE TABLE others (id int PRIMARY KEY, s status)")
	says("public.others, public.tickets together")
}
