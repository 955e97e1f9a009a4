package templates

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/sqltext"
)

// planted makes operators for arguments that the server's own do not suit exactly, and
// functions of the names ($1) that the queries call. Each fails where it is called.
const planted = `
SET search_path = pg_catalog;
CREATE FUNCTION public.plant(name text, args text[], returns text) RETURNS void LANGUAGE plpgsql AS $plant$
BEGIN
    EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION ''planted: %I(%s)''; END $$',
                   name, array_to_string(args, ', '), returns, name, replace(array_to_string(args, ', '), '%', '%%'));
EXCEPTION WHEN duplicate_function OR ambiguous_function THEN NULL;
END $plant$;
DO $do$
DECLARE
    types text[] := '{oid,int2,int4,int8,name,text,"char",boolean,regclass,int2vector,int2[],text[]}';
    op text; l text; r text; n int := 0; gives text;
BEGIN
    FOREACH op IN ARRAY '{=,<>,<,>,<=,>=,||,&&,<@,~,!~,~~,!~~,+,-,%,&}'::text[] LOOP
        gives := CASE WHEN op IN ('||', '+', '-', '%', '&') THEN 'text' ELSE 'boolean' END;
        FOREACH l IN ARRAY types LOOP
            FOREACH r IN ARRAY types LOOP
                n := n + 1;
                BEGIN
                    PERFORM public.plant('planted_' || n, ARRAY[l, r], gives);
                    EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.planted_%s, LEFTARG = %s, RIGHTARG = %s)', op, n, l, r);
                END;
            END LOOP;
        END LOOP;
    END LOOP;
END $do$;
DO $do$
DECLARE
    f text; a text; b text;
    types text[] := '{oid,int4,int8,name,text,"char",boolean,int2[],text[],name[],regclass}';
BEGIN
    FOREACH f IN ARRAY %s::text[] LOOP
        FOREACH a IN ARRAY types LOOP
            PERFORM public.plant(f, ARRAY[a], 'text');
            FOREACH b IN ARRAY '{text,name,int4,oid}'::text[] LOOP
                PERFORM public.plant(f, ARRAY[a, b], 'text');
            END LOOP;
        END LOOP;
    END LOOP;
END $do$`

// Nothing that somebody has put into a schema of the search_path is called when a
// template looks at the schema, and what it writes is the same.
func TestLooksCallNothingPlanted(t *testing.T) {
	t.Parallel()
	for setup, wanted := range map[string]func(string) bool{
		oddTables: func(name string) bool { return !strings.HasPrefix(name, "enum") },
		oddEnums + "; ALTER TABLE @ DROP COLUMN past; DROP VIEW seen": func(name string) bool { return strings.HasPrefix(name, "enum") },
	} {
		in := strings.NewReplacer("§", "it", "¤", "it", "@", "it2")
		r := newRig(t, in.Replace(setup))
		before := r.expandAll(wanted, in)
		r.exec(strings.Replace(planted, "%s::text[]", pgtext.Literal("{"+strings.Join(calledByQueries(t, r.url), ",")+"}")+"::text[]", 1))
		for name, files := range r.expandAll(wanted, in) {
			if !slices.Equal(files, before[name]) {
				t.Errorf("%s writes something else:\n%v\n%v", name, before[name], files)
			}
		}
	}
}

// expandAll has templates look, and fails where one is refused.
func (r *rig) expandAll(wanted func(string) bool, in *strings.Replacer) map[string][]File {
	r.Helper()
	all := map[string][]File{}
	for _, name := range slices.Sorted(maps.Keys(everyTemplate)) {
		if !wanted(name) {
			continue
		}
		p := map[string]string{"table": "it"}
		if strings.HasPrefix(name, "enum") {
			p = map[string]string{"type": "it"}
		}
		for _, one := range strings.Split(everyTemplate[name].given, "|") {
			if k, v, ok := strings.Cut(one, "="); ok {
				p[k] = in.Replace(v)
			}
		}
		files, _, err := r.expand(name, p)
		if err != nil {
			r.Errorf("%s: %v", name, err)
		}
		all[name] = files
	}
	return all
}

// calledByQueries are the functions that the catalog queries name, by what stands in them.
func calledByQueries(t *testing.T, url string) []string {
	t.Helper()
	text := ""
	for _, name := range catalog.Queries() {
		text += catalog.SQL(name)
	}
	var all []string
	for _, m := range regexp.MustCompile(`\b([a-z_0-9]+)\(`).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return pgtest.QueryStrings(t, url, "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ("+sqltext.Join(sqltext.Unique(all), pgtext.Literal)+")")
}

// A question leaves no transaction behind, and none goes on in one that has failed.
func TestLooksLeaveTheConnectionAsItWas(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (id int PRIMARY KEY, s text)")
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	all, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"t", "no such", "gone"} {
		in := &Input{Name: "it", Params: params("table="+table, "column=s", "value='x'"), DB: &Catalog{Conn: conn}}
		if _, err := all.Expand(t.Context(), "backfill", in); (err == nil) != (table == "t") {
			t.Errorf("%s: %v", table, err)
		}
		var path, idle string
		err := conn.QueryRowContext(context.Background(), "SELECT current_setting('search_path'), pg_current_xact_id_if_assigned() IS NULL AND now() = statement_timestamp()").Scan(&path, &idle)
		if got := fmt.Sprint(path, " ", idle, " ", pq.As(err)); got != `"$user", public true <nil>` {
			t.Error(got)
		}
	}
}
