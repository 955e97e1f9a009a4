package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// The table has columns of the names that the count of rows uses itself.
func TestEnumCountsBesideColumnsOfItsNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"enum-swap", "enum-online"} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, `CREATE TYPE tag AS ENUM ('a', 'b', 'c');
CREATE TABLE items (id int PRIMARY KEY, label text, l text, t text, place int, n int, found tag, tags tag[]); INSERT INTO items (id, found, tags) VALUES (1, 'a', '{a,b}')`)
			files := mustExpand(t, url, name, set{"type": "tag", "values": "a,b"})
			pgtest.Exec(t, url, "UPDATE items SET found = 'c', tags = '{c,a}'")
			_, err := ladder(t, url, files).Up(t.Context(), upAll)
			if want := "1 of public.items.found are 'c'; 1 of public.items.tags are 'c'"; err == nil || !strings.Contains(err.Error(), want) {
				t.Fatal(err)
			}
			pgtest.Exec(t, url, "UPDATE items SET found = 'b', tags = '{a}'")
			mustUp(t, url, files)
		})
	}
}

// A column may be named like a variable of the check.
func TestEnumChecksBesideItsVariables(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE items (id int PRIMARY KEY, found text, n int, value int, name int, example int, CHECK (found <> 'b' OR n + value + name + example > 0)); INSERT INTO items VALUES (1, 'a', 1, 1, 1, 1)`)
	r.add("text-to-enum", params("table=items", "column=found", "type=e", "values=a,b"))
	r.goesAndReturns()
	r = newRig(t, `CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE items (id int PRIMARY KEY, e e, found int, n int, name int, example int, CHECK (e <> 'b' OR found + n + name + example > 0)); INSERT INTO items VALUES (1, 'b', 1, 1, 1, 1)`)
	r.add("enum-online", params("type=e", "values=b,a"))
	r.up(0)
	r = newRig(t, `CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE items (id int PRIMARY KEY, e e, refused int, n int, what int, example int, counts int, becoming int, CHECK (e <> 'b' OR refused + n + what + example + counts + becoming > 0)); INSERT INTO items VALUES (1, 'b', 1, 1, 1, 1, 1, 1)`)
	r.add("enum-retire", params("type=e", "map=a=b"))
	r.up(0)
}
