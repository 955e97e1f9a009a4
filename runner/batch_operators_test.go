package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// citextTable makes a table whose key is of a type that lives, with its
// operators, outside of the search_path. To text's operators upper case comes
// first; to citext's case does not matter.
func citextTable(t testing.TB, url, columns, key string) {
	t.Helper()
	pgtest.Exec(t, url, `CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE DOMAIN ext.name AS ext.citext; CREATE DOMAIN ext.nickname AS ext.name;
		CREATE TABLE t (`+columns+`, n int, PRIMARY KEY (`+key+`));
		INSERT INTO t SELECT CASE WHEN i % 3 = 0 THEN upper(md5(i::text)) ELSE md5(i::text) END FROM generate_series(1, 1000) i`)
}

// A key whose type's operators the search_path lacks is walked in its index's
// order, where the file compares by the same operators, and refused elsewhere.
func TestBatchOperators(t *testing.T) {
	t.Parallel()
	const bare = "the search_path lacks the operators of the key's type, so BETWEEN would compare otherwise than the index of (k) does; SET search_path above the batch so that it has the schema of that type"
	const named = "UPDATE t SET n = coalesce(n, 0) + 1 WHERE k OPERATOR(ext.>=) $1 AND k OPERATOR(ext.<=) $2;\n"
	between := "UPDATE t SET n = coalesce(n, 0) + 1 WHERE k BETWEEN $1 AND $2;\n"
	rows := func(key, statements string) string {
		return "-- rung:batch rows=20 target=1ms key=" + key + "\n" + statements
	}
	for name, c := range map[string]struct {
		columns, key, file string
		refused            bool
	}{
		"BETWEEN":                           {"k ext.citext", "k", rows("t.k", between), true},
		"the file names the operators":      {"k ext.citext", "k", rows("t.k", named), false},
		"the file names them in one of two": {"k ext.citext", "k", rows("t.k", named+between+"-- rung:end\n"), true},
		"the file sets search_path":         {"k ext.citext", "k", "SET search_path = public, ext;\n" + rows("t.k", between), false},
		"domains over it":                   {"k ext.nickname", "k", rows("t.k", named), false},
		"two columns of it":                 {"k ext.citext, l ext.citext DEFAULT 'A'", "k, l", rows("t(k,l)", strings.ReplaceAll(named, "$2", "$3")+"SELECT $2, $4;\n-- rung:end\n"), true},
		"two columns, named": {
			"k ext.citext, l ext.citext DEFAULT 'A'", "k, l",
			rows("t(k,l)", "UPDATE t SET n = coalesce(n, 0) + 1 WHERE (k, l) OPERATOR(ext.>=) ($1, $2) AND (k, l) OPERATOR(ext.<=) ($3, $4);\n"), false,
		},
		"another type beside it": {"k ext.citext, l int DEFAULT 1", "k, l", rows("t(k,l)", "UPDATE t SET n = 1 WHERE k OPERATOR(ext.>=) $1 AND k OPERATOR(ext.<=) $3 AND l BETWEEN $2 AND $4;\n"), true},
		"another type beside it, with a search_path": {
			"k ext.citext, l int DEFAULT 1", "k, l",
			"SET search_path = public, ext;\n" + rows("t(k,l)", "UPDATE t SET n = coalesce(n, 0) + 1 WHERE (k, l) BETWEEN ($1, $2) AND ($3, $4);\n"), false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			citextTable(t, url, c.columns, c.key)
			f := pairs{"1_n.up.sql": c.file}
			if !c.refused {
				up(t, url, f)
				everyOne(t, url)
				tiles(t, url)
				return
			}
			_, err := upFails(t, url, f)
			var bad *BadFilesError
			want := strings.ReplaceAll(bare, "(k)", "("+c.key+")")
			if !errors.As(err, &bad) || !strings.HasSuffix(bad.Error(), ":2:1: "+want) {
				t.Errorf("\ngot  %v\nwant %s", err, want)
			}
			is(t, url, "SELECT count(n), (SELECT count(*) FROM rung.migrations) FROM t", "0|0")
		})
	}
}

// By hand it is refused by the script, since the search_path that counts is psql's.
func TestByHandOperators(t *testing.T) {
	t.Parallel()
	const batch = "-- rung:batch rows=20 key=t.k\nUPDATE t SET n = coalesce(n, 0) + 1 WHERE k BETWEEN $1 AND $2;\n"
	url := pgtest.URL(t)
	citextTable(t, url, "k ext.nickname", "k")
	out, err := tryByHand(t, url, byHandScript(t, url, load(t, pairs{"1_n.up.sql": batch}), Up, UpRequest{}))
	if err == nil || !strings.Contains(out, "the search_path lacks the operators of the key's type") {
		t.Errorf("%v\n%s", err, out)
	}
	is(t, url, "SELECT count(n) FROM t", "0")
	pgtest.Exec(t, url, "DROP SCHEMA rung CASCADE")
	runByHand(t, url, byHandScript(t, url, load(t, pairs{"1_n.up.sql": "SET search_path = public, ext;\n" + batch}), Up, UpRequest{}))
	everyOne(t, url)
}
