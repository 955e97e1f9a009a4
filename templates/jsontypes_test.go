package templates

import (
	"strings"
	"testing"

	"github.com/lib/pq"
)

const documents = `CREATE TYPE mood AS ENUM ('sad', 'it''s'); CREATE TABLE d (id int PRIMARY KEY, doc jsonb);
INSERT INTO d VALUES (1, '{"day": "2024-02-29", "at": "2026-01-31T23:59:59.5+02:00", "wall": "2026-01-31 10:00", "x": 1.5e10, "mood": "it''s", "tags": ["a", null, "b"], "ns": [1, 2.0], "a": {"b": {"on": [true]}}}'),
 (2, '{"day": null, "tags": [], "ns": null}'), (3, NULL), (4, '{"at": "2026-06-01T00:00Z"}')`

const documentKeys = "keys=day date, at timestamptz, wall timestamp, x double, mood mood, tags text[], ns int[], a.b.on AS ons boolean[]"

// Every type goes there and back, whichever way, whatever the session's TimeZone.
func TestJSONSplitOfEveryType(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"online", "direct"} {
		r := newRig(t, documents)
		r.add("json-split", params("table=d", "column=doc", documentKeys, "way="+way))
		r.roundTrips()
		r.url = option(t, r.url, "TimeZone", "Asia/Kolkata")
		r.down(r.next)
		r.up(0)
		r.url = option(t, r.url, "TimeZone", "UTC")
		r.rows("SELECT id, day::text, at::text, wall::text, x, mood, tags::text, ns::text, ons::text FROM d ORDER BY id",
			"1|2024-02-29|2026-01-31 21:59:59.5+00|2026-01-31 10:00:00|1.5e+10|it's|{a,NULL,b}|{1,2}|{t}", "2||||||{}||", "3||||||||", "4||2026-06-01 00:00:00+00||||||")
		r.exec("UPDATE d SET day = '2026-03-01', at = '2026-03-29 01:30Z', tags = '{z}', mood = 'sad' WHERE id = 4")
		r.down(r.next)
		r.rows("SELECT doc FROM d WHERE id = 4", `{"at": "2026-03-29T01:30:00.000000Z", "day": "2026-03-01", "mood": "sad", "tags": ["z"]}`)
	}
}

// What is no value of the type is named, and never fails a cast.
func TestJSONSplitNamesWhatIsNoValueOfTheType(t *testing.T) {
	t.Parallel()
	r := newRig(t, documents+`; TRUNCATE d; INSERT INTO d SELECT row_number() OVER (), ('{' || x || '}')::jsonb FROM unnest(ARRAY[
 '"day": "2023-02-29"', '"day": "2026-13-01"', '"day": "0000-01-01"', '"day": "01.02.2026"', '"day": 20260101', '"at": "2026-01-31T10:00:00"', '"at": "2026-01-31T24:00Z"', '"at": "2026-04-31T10:00Z"',
 '"wall": "2026-01-31"', '"x": 1e309', '"x": "1"', '"mood": "glad"', '"tags": [1]', '"tags": "a"', '"tags": [["a"]]', '"ns": [1.5]', '"ns": [3000000000]', '"ns": ["1"]', '"a": {"b": {"on": [1]}}']) AS x`)
	r.add("json-split", params("table=d", "column=doc", documentKeys))
	if e := pq.As(r.tryUp(0)); e == nil || e.Message != "19 values in d.doc do not fit their columns" {
		t.Errorf("%+v", e)
	}
	r.refused("json-split", params("table=d", "column=doc", "keys=day dat"), "did you mean date?")
}

// What reads like a value is one for lenient=true; the rest is counted, and is NULL.
func TestJSONSplitIsLenient(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"online", "direct"} {
		r := newRig(t, `CREATE TABLE d (id int PRIMARY KEY, doc jsonb); INSERT INTO d VALUES
 (1, '{"on": "yes", "n": "12", "x": " 1.5e3 ", "name": 7}'), (2, '{"on": 0, "n": 3, "x": 2, "name": {"a": 1}}'), (3, '{"on": "maybe", "n": "12.5", "x": "much", "name": null}')`)
		files := r.add("json-split", params("table=d", "column=doc", "keys=on boolean, n int, x numeric, name text", "lenient=true", "way="+way))
		if !strings.Contains(files[0].Up, "RAISE WARNING") {
			t.Errorf("what does not fit is not counted:\n%s", files[0].Up)
		}
		before := r.dump()
		r.up(0)
		r.rows(`SELECT id, "on", n, x, name FROM d ORDER BY id`, "1|true|12|1500|7", `2|false|3|2|{"a": 1}`, "3||||")
		r.down(r.next)
		r.same("down", before)
	}
}
