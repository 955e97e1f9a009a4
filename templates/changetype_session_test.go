package templates

import (
	"regexp"
	"strings"
	"testing"
)

const times = `CREATE TABLE ev (id int PRIMARY KEY, note text, at timestamp NOT NULL, tz timestamptz, day date, said text, price money, doc json, long interval);
INSERT INTO ev VALUES (1, 'n', '2024-01-01 12:00'), (2, 'n', '2024-01-01 12:00')`

// Whoever writes under another TimeZone than rung writes the same instant.
func TestChangeTypeHangsOnNoSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, times)
	before := r.dump()
	r.add("change-type", params("table=ev", "column=at", "type=timestamptz", "value=at AT TIME ZONE 'UTC'", "back=at AT TIME ZONE 'UTC'"))
	r.up(2)
	r.exec("SET timezone = 'America/New_York'; UPDATE ev SET note = 'n' WHERE id = 2")
	r.up(0)
	r.rows("SELECT id, at AT TIME ZONE 'UTC' = '2024-01-01 12:00' FROM ev ORDER BY id", "1|true", "2|true")
	r.down(r.next)
	if got := r.dump(); len(got) != len(before) {
		t.Errorf("down:\n%s", lineDiff(before, got))
	}
}

var advised = regexp.MustCompile(`--set "value=(.*?)" --set "back=(.*?)"`)

// A cast that a setting has a say in is refused, and the example given instead
// is taken.
func TestChangeTypeRefusesWhatHangsOnTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, times)
	for _, one := range []string{"at timestamptz", "tz timestamp", "tz date", "day timestamptz", "said date", "said timestamptz", "said timestamp", "day text", "tz varchar"} {
		t.Run(one, func(t *testing.T) {
			r := &rig{T: t, url: r.url}
			column, typ, _ := strings.Cut(one, " ")
			_, _, err := r.expand("change-type", params("table=ev", "column="+column, "type="+typ))
			mistaken(t, err, "depends on the session", "IMMUTABLE")
			m := advised.FindStringSubmatch(err.(*Mistake).Hint) //nolint:errorlint // mistaken saw it
			if m == nil {
				t.Fatalf("no example in %q", err.(*Mistake).Hint) //nolint:errorlint // mistaken saw it
			}
			if _, _, err := r.expand("change-type", params("table=ev", "column="+column, "type="+typ, "value="+m[1], "back="+m[2])); err != nil {
				t.Errorf("the example: %v", err)
			}
		})
	}
	for name, p := range map[string][]string{
		"money":              {"column=price", "type=numeric"},
		"interval":           {"column=long", "type=text"},
		"assignment":         {"column=at", "type=timestamptz", "value=at", "back=at AT TIME ZONE 'UTC'"},
		"now":                {"column=tz", "type=timestamptz", "value=coalesce(tz, now())", "back=tz"},
		"today":              {"column=day", "type=date", "value=coalesce(day, current_date)", "back=day"},
		"random":             {"column=id", "type=float8", "value=random()", "back=0"},
		"a literal":          {"column=tz", "type=timestamptz", "value=coalesce(tz, '2020-01-01 00:00')", "back=tz"},
		"the down migration": {"column=at", "type=timestamptz", "value=at AT TIME ZONE 'UTC'", "back=at"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "random" {
				p[0] = "column=note"
			}
			(&rig{T: t, url: r.url}).refused("change-type", params(append(p, "table=ev")...), "depends on the session")
		})
	}
}

// Much is STABLE and the same in every session.
func TestChangeTypeTakesWhatIsTheSameInEverySession(t *testing.T) {
	t.Parallel()
	r := newRig(t, times+"; CREATE TYPE mood AS ENUM ('n'); CREATE FUNCTION instant(text) RETURNS timestamptz IMMUTABLE LANGUAGE sql SET timezone = 'UTC' AS 'SELECT $1::timestamptz'")
	for _, p := range [][]string{
		{"column=doc", "type=jsonb"},
		{"column=note", "type=mood"},
		{"column=note", "type=jsonb"},
		{"column=note", "type=time"},
		{"column=note", "type=text", "value=concat(note, id)", "back=note"},
		{"column=day", "type=timestamp"},
		{"column=said", "type=timestamptz", "value=instant(said)", "back=to_char(said AT TIME ZONE 'UTC', 'YYYY')"},
	} {
		if _, _, err := r.expand("change-type", params(append(p, "table=ev")...)); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// Nobody waits for a scan in the down migration either: the CHECK is proved when the lock
// of the switch is gone.
func TestChangeTypeComesBackWithoutAScanUnderItsLock(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE p (id int PRIMARY KEY, n int NOT NULL); INSERT INTO p SELECT g, g FROM generate_series(1, 100) AS g")
	r.add("change-type", params("table=p", "column=n", "type=bigint"))
	r.eachRung(4)
	r.up(0)
	r.down(1)
	r.exec(`CREATE TABLE altered (valid boolean, exclusive boolean);
CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO altered
    SELECT convalidated, EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND relation = conrelid AND mode = 'AccessExclusiveLock')
      FROM pg_constraint WHERE conrelid = 'p'::regclass AND contype = 'c';
END $$;
CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION note()`)
	r.down(1)
	r.rows("SELECT DISTINCT valid || ' ' || exclusive FROM altered ORDER BY 1", "false true", "true false")
}
