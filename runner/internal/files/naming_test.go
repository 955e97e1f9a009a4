package files

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestNaming(t *testing.T) {
	d, err := Load(fstest.MapFS{
		"1_a.up.sql": {Data: []byte("CREATE TABLE public.old (id int);")},
		"2_b.up.sql": {Data: []byte("-- public.comment\nCREATE TABLE users (id int, public int, note text DEFAULT 'public.x');\nINSERT INTO \"public\" . t SELECT u.public, x.public.y\n  FROM Public.t2, users AS u, other.t;")},
	}, "sql")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range d.Naming([]string{"public", "tenant_1"}, "1") {
		got = append(got, p.String())
	}
	want := []string{"sql/2_b.up.sql:3:13: names schema public", "sql/2_b.up.sql:4:8: names schema public"}
	if len(got) != len(want) {
		t.Fatalf("found %q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, not %q", got[i], want[i])
		}
	}
}
