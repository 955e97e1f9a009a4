package oncitus

import "testing"

// The sequential mode stands in the transaction that needs it, and nowhere else: batches
// go over all connections. What a directive says of its file stays at the head.
func TestSettings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"-- Written by rung.\n\n-- rung:no-transaction\n-- Why.\nALTER TABLE t ADD COLUMN c int;\n": "-- Written by rung.\n\n-- rung:no-transaction\n-- Why.\nALTER TABLE t ADD COLUMN c int;\n",
		"-- Written by rung.\n\n-- Why.\nALTER TABLE t ALTER COLUMN c TYPE text;\n\nDROP TYPE s;\n": "-- Written by rung.\n\n" + sequential + "\n-- Why.\nALTER TABLE t ALTER COLUMN c TYPE text;\n\nDROP TYPE s;\n",
		"-- Written by rung.\n\nALTER TYPE s ADD VALUE 'x';\n":                                      "-- Written by rung.\n\nALTER TYPE s ADD VALUE 'x';\n",
		"ALTER TABLE t DROP COLUMN c;\n\nALTER TYPE s RENAME VALUE 'x' TO 'y';\n":                   "ALTER TABLE t DROP COLUMN c;\n\nALTER TYPE s RENAME VALUE 'x' TO 'y';\n",
		"ALTER TABLE t DROP COLUMN c;\n\nALTER TYPE s RENAME TO r;\n":                               sequential + "\nALTER TABLE t DROP COLUMN c;\n\nALTER TYPE s RENAME TO r;\n",
		"CREATE TYPE s AS ENUM ('x');\n\nALTER TABLE t ADD COLUMN c s;\n":                           "CREATE TYPE s AS ENUM ('x');\n\nALTER TABLE t ADD COLUMN c s;\n",
		"-- First.\n\nBEGIN;\n\nDROP TRIGGER f ON t;\n\nDROP FUNCTION f();\n\nCOMMIT;\n\n-- rung:batch key=t.id\nUPDATE t SET c = 1 WHERE id BETWEEN $1 AND $2;\n": "-- First.\n\n" + unsafeTriggers + "\nBEGIN;\n\n" +
			sequential + "\nDROP TRIGGER f ON t;\n\nDROP FUNCTION f();\n\nCOMMIT;\n\n-- rung:batch key=t.id\nUPDATE t SET c = 1 WHERE id BETWEEN $1 AND $2;\n",
		"-- First.\n\nBEGIN;\n\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n\nCREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();\n\nALTER TABLE t\n    ENABLE ALWAYS TRIGGER f;\n\nCOMMIT;\n": "-- First.\n\n" + unsafeTriggers +
			"\nBEGIN;\n\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n\nCREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();\n\nALTER TABLE t\n    ENABLE ALWAYS TRIGGER f;\n\nCOMMIT;\n",
	} {
		got, err := settings(text)
		if err != nil || got != want {
			t.Errorf("%v: of\n%s\nbecame\n%s\nand not\n%s", err, text, got, want)
		}
	}
}

// Each with a neighbour that is taken.
func TestMustTake(t *testing.T) {
	t.Parallel()
	for text, fits := range map[string]bool{
		"SELECT id FROM t ORDER BY id FOR NO KEY UPDATE;":                        false,
		"SELECT ' FOR UPDATE';":                                                  true,
		"UPDATE t SET d = jsonb_build_object('a', c);":                           false,
		"UPDATE t SET d = d - 'a';":                                              true,
		"UPDATE t SET c = CASE WHEN f THEN now() END;":                           false,
		"UPDATE t SET c = now();":                                                true,
		"ALTER TABLE t ALTER COLUMN c SET STATISTICS 100;":                       false,
		"ALTER TABLE t ALTER COLUMN \"C d\" SET (n_distinct = 2);":               false,
		"ALTER TABLE t ALTER COLUMN c SET NOT NULL;":                             true,
		"ALTER TABLE t RENAME CONSTRAINT a TO b;":                                false,
		"ALTER TABLE t RENAME COLUMN a TO b;":                                    true,
		"ALTER TABLE t ADD CONSTRAINT a UNIQUE USING INDEX a;":                   false,
		"ALTER TABLE t ADD CONSTRAINT a CHECK (c > 0), DROP CONSTRAINT b;":       false,
		"ALTER TABLE t DROP CONSTRAINT b, ADD CONSTRAINT a CHECK (c > 0);":       false,
		"ALTER TABLE t DROP CONSTRAINT b, ALTER COLUMN c DROP NOT NULL;":         true,
		"ALTER TABLE t ADD CONSTRAINT a CHECK (c IN (1, 2)) NOT VALID;":          true,
		"DO $$ BEGIN PERFORM FROM t WHERE f AND g IN (1, 2) FOR UPDATE; END $$;": true,
	} {
		if err := mustTake("it", "t", text); (err == nil) != fits {
			t.Errorf("%s: %v", text, err)
		}
	}
}
