package script

import "testing"

// Only the colons before what psql could take for a variable's name move.
func TestApartFromPsql(t *testing.T) {
	for in, want := range map[string]string{
		"SELECT '\r\r\n', a[1:HOST]\r\n":         "SELECT '\r\r\n', a[1: HOST]\r\n",
		"SELECT 1":                               "SELECT 1",
		"SELECT a[1:HOST]":                       "SELECT a[1: HOST]",
		"SELECT a[:_x], a[1:é], a[x:U&\"y\"]":    "SELECT a[: _x], a[1: é], a[x: U&\"y\"]",
		`SELECT a[1:"HOST"], b[1:'2'::int]`:      `SELECT a[1: "HOST"], b[1: '2'::int]`,
		"SELECT a[1:2], a[1: x], a[:], a[x:]":    "SELECT a[1:2], a[1: x], a[:], a[x:]",
		"SELECT x::text, f(a := 1, b:=USER)":     "SELECT x::text, f(a := 1, b:=USER)",
		"SELECT ':HOST', E'\\':HOST', $$:HOST$$": "SELECT ':HOST', E'\\':HOST', $$:HOST$$",
		"SELECT 1 AS \":HOST\" -- :HOST\n":       "SELECT 1 AS \":HOST\" -- :HOST\n",
		"/* :HOST */ SELECT a[b[1:c]:d]":         "/* :HOST */ SELECT a[b[1: c]: d]",
		"SELECT $x$ $y$ :HOST $x$, a[1:HOST];":   "SELECT $x$ $y$ :HOST $x$, a[1: HOST];",
	} {
		if got := ApartFromPsql(in); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}
