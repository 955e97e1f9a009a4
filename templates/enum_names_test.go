package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// The table has columns of the names that the count of rows uses itself.
func TestEnumCountsBesideColumnsOfItsNames(t *testing.T) {
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
