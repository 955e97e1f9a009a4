package templates

import (
	"testing"
)

// To look is not to write: a parameter is not run, or where it writes nothing.
func TestLooksWriteNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, shop+`CREATE SEQUENCE s; CREATE DOMAIN numbered AS text DEFAULT nextval('s')::text; CREATE TABLE lost (id int);
CREATE FUNCTION writes(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN INSERT INTO lost VALUES ($1); RETURN $1; END';
CREATE FUNCTION lies(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM setval(''s'', 7); RETURN $1; END'`)
	before := r.dump()
	const ends = " ends its statement"
	for _, c := range []struct {
		template string
		params   []string
		says     string
	}{
		{"derived-column", []string{"column=n", "source=orders", "value=count(*) + setval('s', 999)"}, "cannot execute setval() in a read-only transaction"},
		{"derived-column", []string{"column=n", "source=orders", "value=count(*) + writes(1)"}, "cannot execute INSERT in a read-only transaction"},
		{"derived-column", []string{"column=n", "source=orders", "value=count(*)", "where=true); DELETE FROM orders; SELECT (true"}, ends},
		{"derived-column", []string{"column=n", "source=orders", "value=1) AS v; DELETE FROM orders; SELECT (1"}, "syntax error"},
		{"derived-column", []string{"column=n", "source=orders", "value=count(*)) AS v FROM orders) AS v; DELETE FROM orders; SELECT FROM (SELECT (1"}, ends},
		{"backfill", []string{"column=email", "value='x'", "where=true;"}, "syntax error"},
		{"backfill", []string{"column=email", "value='x'", "where=true); DELETE FROM orders; SELECT (1"}, ends},
		{"add-column", []string{"column=n", "type=int); COMMIT; DELETE FROM orders; --", "value=1"}, "syntax error at or near"},
		{"add-column", []string{"column=n", "type=int", "value=1", "default=1); DROP TABLE lost; SELECT (1"}, ends},
		{"add-column", []string{"column=n", "type=int", "value=1; DROP TABLE lost; SELECT 1"}, "syntax error"},
		{"add-column", []string{"column=n", "type=int", "value=1); DROP TABLE lost; SELECT (1"}, ends},
		{"change-type", []string{"column=email", "type=varchar", "back=email) FROM users; DROP TABLE lost; SELECT (1"}, ends},
		{"change-type", []string{"column=email", "type=numbered", "way=online"}, "has a default of its own"},
		{"add-index", []string{"columns=email); DROP TABLE lost; --"}, ends},
	} {
		r.refused(c.template, params(append(c.params, "table=users")...), c.says)
	}
	for _, value := range []string{"1) --", "1 -- one", "CASE -- two\nWHEN true THEN 1 END"} {
		r.refused("add-column", params("table=users", "column=n", "type=int", "value="+value), "has a comment in it")
	}
	// What is constant is not computed either.
	if _, _, err := r.expand("derived-column", params("table=users", "column=n", "source=orders", "value=count(*)", "where=lies(1) = 1")); err != nil {
		t.Error(err)
	}
	for _, value := range []string{"setval('s', 999)", "writes(1)", "writes(id::int)", "lies(1)"} {
		if _, _, err := r.expand("add-column", params("table=users", "column=n", "type=int", "value="+value)); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := r.expand("backfill", params("table=users", "column=email", "value=$$a;b--$$ /* ;-- */ || '--'")); err != nil {
		t.Error(err)
	}
	r.same("after the looks", before)
	r.url = option(t, r.url, "default_transaction_read_only", "on")
	r.refused("backfill", params("table=users", "column=email", "value='x'"), "the database is read-only", "primary")
}
