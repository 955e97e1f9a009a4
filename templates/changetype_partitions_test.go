package templates

import (
	"testing"
)

const ofParts = `CREATE TABLE m (id int PRIMARY KEY, k int CHECK (k < 1000), n int DEFAULT 3) PARTITION BY RANGE (id);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (100);
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
CREATE TABLE m3 PARTITION OF m2 FOR VALUES FROM (100) TO (150);
INSERT INTO m (id, n) VALUES (1, 6), (101, 6);
`

// A partition's own trigger writes the value that the second column must follow.
func TestChangeTypeFiresBehindAPartitionsTrigger(t *testing.T) {
	t.Parallel()
	r := newRig(t, ofParts+`CREATE FUNCTION norm() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.n := NEW.n * 100; RETURN NEW; END$$;
CREATE TRIGGER z BEFORE INSERT ON m3 FOR EACH ROW EXECUTE FUNCTION norm()`)
	r.add("change-type", params("table=m", "column=n", "type=bigint"))
	before := r.dump()
	r.up(2)
	r.exec("INSERT INTO m (id, n) VALUES (120, 6)")
	r.up(0)
	r.rows("SELECT id, n FROM m ORDER BY id", "1|6", "101|6", "120|600")
	r.exec("DELETE FROM m WHERE id = 120")
	r.down(r.next)
	r.same("down", before)
}

func TestChangeTypeRefusesWhatOnlyAPartitionHas(t *testing.T) {
	t.Parallel()
	for says, setup := range map[string]string{
		"index public.m1_n":               "CREATE INDEX m1_n ON m1 (n)",
		"NOT NULL of public.m3":           "ALTER TABLE m3 ALTER n SET NOT NULL",
		"the default of public.m1":        "ALTER TABLE m1 ALTER n SET DEFAULT 7",
		"constraint c on table public.m3": "ALTER TABLE m3 ADD CONSTRAINT c CHECK (n > 0)",
		"view public.v":                   "CREATE VIEW v AS SELECT n FROM m1",
		"the grants of public.m1":         "GRANT SELECT (n) ON m1 TO PUBLIC",
		"the comment of public.m1":        "COMMENT ON COLUMN m1.n IS 'x'",
		"the settings of public.m1":       "ALTER TABLE m1 ALTER n SET STATISTICS 7",
		"trigger u on table public.m1":    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER u AFTER UPDATE OF n ON m1 FOR EACH ROW EXECUTE FUNCTION f()",
		"m1_n_fkey on table public.m1":    "CREATE TABLE o (x int PRIMARY KEY); ALTER TABLE m1 ADD FOREIGN KEY (n) REFERENCES o NOT VALID",
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			newRig(t, ofParts+setup).refused("change-type", params("table=m", "column=n", "type=bigint"), says)
		})
	}
}
