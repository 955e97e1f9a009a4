package templates

import (
	"fmt"
	"testing"
)

// The down migration is there wherever the way forth ended.
func TestEnumOnlineComesBackHalfway(t *testing.T) {
	t.Parallel()
	r := newRig(t, onlineBase+`ALTER TABLE tasks ADD CONSTRAINT once UNIQUE (status, id); CREATE TABLE zapped (id int PRIMARY KEY, s status); INSERT INTO zapped VALUES (1, 'todo');
CREATE INDEX plain ON tasks (other); ALTER TABLE tasks ADD CONSTRAINT few CHECK (status <> 'done' OR id > 0)`)
	r.add("enum-online", permutation)
	for i, inTheWay := range []struct{ make, unmake string }{
		{"ALTER TABLE tasks ADD status_new int", "ALTER TABLE tasks DROP status_new"},
		{"CREATE FUNCTION zapped_status_follow() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION zapped_status_follow()"},
		{"CREATE INDEX once_new ON tasks (id)", "DROP INDEX once_new"},
		{"ALTER TABLE tasks ADD CONSTRAINT few_new CHECK (id > -9)", "ALTER TABLE tasks DROP CONSTRAINT few_new"},
		{"ALTER TABLE zapped ADD CONSTRAINT zapped_s_agrees CHECK (id > -9)", "ALTER TABLE zapped DROP CONSTRAINT zapped_s_agrees"},
	} {
		before := r.dump()
		r.exec(inTheWay.make)
		if err := r.tryUp(1); err == nil {
			t.Fatal("nothing disturbed it: ", inTheWay.make)
		}
		r.exec(inTheWay.unmake)
		r.down(1)
		r.same(fmt.Sprint("down from where ", inTheWay.make), before)
		if i < 2 {
			r.up(1)
		}
	}
	r.up(0)
}

// What the definition of an index is cut at may stand in a name.
func TestEnumOnlineCutsOutsideNames(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE status AS ENUM ('todo', 'done'); CREATE TABLE tasks (id int PRIMARY KEY, "a WHERE b" status, n int); INSERT INTO tasks VALUES (1, 'todo', 1);
CREATE INDEX "i USING (j)" ON tasks ("a WHERE b"); CREATE INDEX partly ON tasks (id) WHERE "a WHERE b" = 'todo' AND n > 0; CREATE INDEX ordered ON tasks (n, "a WHERE b") WHERE id > 0`)
	p := params("type=status", "values=done,todo")
	r.add("enum-online", p)
	r.steppedBack()
	r = newRig(t, `CREATE TYPE status AS ENUM ('todo', 'done'); CREATE TABLE tasks ("a WHERE b" status, n int); CREATE INDEX partly ON tasks (n) WHERE 'todo' <> "a WHERE b";
CREATE FUNCTION " EXECUTE FUNCTION "() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t BEFORE UPDATE OF "a WHERE b" ON tasks FOR EACH ROW EXECUTE FUNCTION " EXECUTE FUNCTION "()`)
	r.add("enum-swap", p)
	r.goesAndReturns()
}

// Something that uses the old type stops the contract with nothing dropped.
func TestEnumOnlineContractsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, onlineBase+`CREATE TABLE former (id int PRIMARY KEY, t text); CREATE INDEX aside_word ON former ((ARRAY['todo', 'done']::status[]))`)
	r.add("enum-online", permutation)
	r.up(4)
	before := r.dump()
	r.exec("CREATE TABLE late (s status_old)")
	if err := r.tryUp(1); err == nil {
		t.Fatal("nothing disturbed it")
	}
	r.exec("DROP TABLE late")
	r.same("after the failure", before)
	r.down(1)
	r.up(0)
}
