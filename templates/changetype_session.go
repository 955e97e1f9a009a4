package templates

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

// steady refuses a conversion whose result hangs on the session: the trigger
// runs in the application's sessions and the batches in rung's, and where their
// TimeZone or DateStyle differ, equal values would become different ones.
func (c *conversion) steady(ctx context.Context, in *Input, param, typ, expression, from string) error {
	why, err := in.unsteady(ctx, typ, expression, from)
	if err != nil || why == "" {
		return err
	}
	says := fmt.Sprintf("%s becomes %s by %s", pgtext.Ident(c.col.Name), typ, expression)
	if in.Params[param] != "" {
		says = fmt.Sprintf("%s=%s", param, expression)
	}
	hint, err := c.sayHow(ctx, in)
	if err != nil {
		return err
	}
	return &Mistake{
		fmt.Sprintf("%s: %s depends on the session, as by its TimeZone or DateStyle, and the trigger converts in other sessions than the batches", says, why), hint,
	}
}

// sayHow is an example of how to convert so that every session does the same.
func (c *conversion) sayHow(ctx context.Context, in *Input) (string, error) {
	var from, to string
	err := in.DB.usualRow(ctx, "SELECT pg_catalog.to_regtype($1)::pg_catalog.text, pg_catalog.to_regtype($2)::pg_catalog.text", c.col.Type, c.typ).Scan(&from, &to)
	if err != nil {
		return "", err
	}
	name := pgtext.Ident(c.col.Name)
	forth, back := sameEverywhere(name, from, to), sameEverywhere(name, to, from)
	if forth == "" || back == "" {
		return "say how by --set value=… and back=…, with functions of yours that are IMMUTABLE", nil
	}
	return fmt.Sprintf(`say how, for example by --set "value=%s" --set "back=%s"; a function of yours does too if it is IMMUTABLE`, forth, back), nil
}

// sameEverywhere converts a time by what no setting touches; "" where there is
// no such way.
func sameEverywhere(name, from, to string) string {
	wall := map[string]string{
		"text": "(to_date(left(" + name + ", 10), 'YYYY-MM-DD') + substr(" + name + ", 12, 8)::time)",
		"date": name + "::timestamp", "timestamp without time zone": name,
		"timestamp with time zone": "(" + name + " AT TIME ZONE 'UTC')",
	}
	if from, to = asText(from), asText(to); wall[from] == "" {
		return ""
	}
	switch {
	case from == "text" && to == "date":
		return "to_date(" + name + ", 'YYYY-MM-DD')"
	case from == "date" && to == "text":
		return "to_char(" + name + "::timestamp, 'YYYY-MM-DD')"
	}
	switch to {
	case "text":
		return "to_char(" + wall[from] + ", 'YYYY-MM-DD HH24:MI:SS')"
	case "date":
		return wall[from] + "::date"
	case "timestamp without time zone":
		return strings.TrimSuffix(strings.TrimPrefix(wall[from], "("), ")")
	case "timestamp with time zone":
		return wall[from] + " AT TIME ZONE 'UTC'"
	}
	return ""
}

func asText(typ string) string {
	if typ == "character varying" || typ == "character" {
		return "text"
	}
	return typ
}

// unsteady names what in an assignment of an expression depends on the session;
// "" if nothing does. The server's own tree of it tells, coercions included.
func (in *Input) unsteady(ctx context.Context, typ, expression, from string) (why string, err error) {
	err = in.onTypeProbe(ctx, typ, func() error {
		trees := make([]string, 2)
		for n, set := range []string{"SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'", "SET LOCAL TimeZone = 'Asia/Tokyo'; SET LOCAL DateStyle = 'ISO, DMY'"} {
			if err := in.DB.exec(ctx, set); err != nil {
				return err
			}
			if trees[n], err = in.tree(ctx, expression, from); err != nil {
				return err
			}
		}
		if trees[0] != trees[1] {
			why = "a literal in it" // it was read as the setting says
			return nil
		}
		why, err = in.sessionBound(ctx, trees[0])
		return err
	})
	return why, err
}

// onTypeProbe calls f while there is a table rung_probe whose column c is of a type.
func (in *Input) onTypeProbe(ctx context.Context, typ string, f func() error) error {
	return in.DB.rolledBack(ctx, func() error {
		if err := in.DB.one(ctx, "CREATE TEMP TABLE rung_probe (c "+typ+")"); err != nil {
			return badParam("type", typ, err)
		}
		return f()
	})
}

// tree is how the server reads an expression that is put into the probe, in its own
// notation. Nothing is run.
func (in *Input) tree(ctx context.Context, expression, from string) (tree string, err error) {
	if alias := from[strings.LastIndexByte(from, ' ')+1:]; alias == "new" || alias == "old" || strings.HasSuffix(from, ".new") || strings.HasSuffix(from, ".old") {
		from = "(SELECT * FROM " + from + ") AS rung_row" // a rule has these names for itself
	}
	err = in.DB.exec(ctx, `CREATE OR REPLACE RULE rung_probe AS ON UPDATE TO pg_temp.rung_probe
    DO ALSO INSERT INTO pg_temp.rung_probe SELECT (`+expression+`) FROM `+from)
	if err != nil {
		return "", err
	}
	err = in.DB.queryRow(ctx, "SELECT ev_action FROM pg_catalog.pg_rewrite WHERE ev_class = 'pg_temp.rung_probe'::regclass").Scan(&tree)
	return tree, err
}

var (
	calls    = regexp.MustCompile(`:(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)`)
	typesOf  = regexp.MustCompile(`:[a-z]*type (\d+)`)
	becoming = regexp.MustCompile(`^ :resulttype (\d+)`)
)

// volatile reports whether a tree has a call that may give another result each time.
func (in *Input) volatile(ctx context.Context, tree string) (is bool, err error) {
	err = in.DB.queryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid = ANY ($1::oid[]) AND provolatile = 'v')", pq.Array(called(tree))).Scan(&is)
	return is, err
}

// serversOwn reports whether a tree calls nothing but what came with the server.
func (in *Input) serversOwn(ctx context.Context, tree string) (are bool, err error) {
	err = in.DB.queryRow(ctx, "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid = ANY ($1::oid[]) AND pronamespace <> 'pg_catalog'::regnamespace)", pq.Array(called(tree))).Scan(&are)
	return are, err
}

func called(tree string) (oids []string) {
	for _, m := range calls.FindAllStringSubmatch(tree, -1) {
		oids = append(oids, m[1])
	}
	return oids
}

// sessionBound names the first call, or the first way through text, in a tree
// that a setting of the session has a say in.
func (in *Input) sessionBound(ctx context.Context, tree string) (string, error) {
	if strings.Contains(tree, "{SQLVALUEFUNCTION ") {
		return "CURRENT_something", nil
	}
	var through []string
	for _, rest := range strings.Split(tree, "{COERCEVIAIO :arg ")[1:] {
		own, end := shallow(rest)
		for _, m := range append(typesOf.FindAllStringSubmatch(own, -1), becoming.FindStringSubmatch(rest[end:])) {
			if m != nil {
				through = append(through, m[1])
			}
		}
	}
	found, err := in.DB.strings(ctx, sessionBoundSQL, pq.Array(called(tree)), pq.Array(through))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// shallow is a node's own text, without that of the nodes in it, and where the
// node ends. A backslash stands before a brace that is part of a name.
func shallow(tree string) (own string, end int) {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(tree); i++ {
		switch tree[i] {
		case '\\':
			i++
			continue
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return b.String(), i + 1
		}
		if depth == 1 {
			b.WriteByte(tree[i])
		}
	}
	return b.String(), len(tree)
}

// sessionBoundSQL chooses, of functions ($1) and of types whose text is read or
// written ($2), those that hang on the session. Most that are STABLE only may
// raise an error by a setting, or read a catalog: those of times with a zone, and
// of money, give another result by one. A type stands for those made of it.
const sessionBoundSQL = `
WITH RECURSIVE made (oid, of) AS (
    SELECT oid, oid FROM pg_catalog.pg_type
     UNION
    SELECT m.oid, x.of
      FROM made AS m
      JOIN pg_catalog.pg_type AS t ON t.oid = m.of
      LEFT JOIN pg_catalog.pg_range AS r ON r.rngtypid = t.oid
     CROSS JOIN LATERAL (VALUES (t.typbasetype), (CASE WHEN t.typcategory = 'A' THEN t.typelem END), (r.rngsubtype)) AS x (of)
     WHERE x.of <> 0
)
SELECT 'the function ' || p.oid::regprocedure
  FROM pg_catalog.pg_proc AS p
 WHERE p.oid = ANY ($1::oid[])
   AND p.provolatile <> 'i'
   AND (p.provolatile = 'v' AND p.pronamespace = 'pg_catalog'::regnamespace
        OR EXISTS (SELECT FROM made AS m
                    WHERE (m.oid = p.prorettype OR m.oid = ANY (p.proargtypes))
                      AND m.of IN ('timestamptz'::regtype, 'timetz'::regtype, 'money'::regtype)))
 UNION ALL
SELECT 'the text of a ' || pg_catalog.format_type(m.oid, NULL)
  FROM made AS m
 WHERE m.oid = ANY ($2::oid[])
   AND m.of IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'timetz'::regtype, 'interval'::regtype, 'money'::regtype)
 ORDER BY 1`
