package ensure

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/task"
)

// Unsteady names what in an assignment of an expression depends on the session;
// "" if nothing does. The server's own tree of it tells, coercions included.
func Unsteady(ctx context.Context, in *task.Input, typ, expression, from string) (why string, err error) {
	err = OnTypeProbe(ctx, in, typ, func() error {
		trees := make([]string, 2)
		for n, set := range []string{"SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'", "SET LOCAL TimeZone = 'Asia/Tokyo'; SET LOCAL DateStyle = 'ISO, DMY'"} {
			if err := in.DB.Exec(ctx, set); err != nil {
				return err
			}
			if trees[n], err = Tree(ctx, in, expression, from); err != nil {
				return err
			}
		}
		if trees[0] != trees[1] {
			why = "a literal in it" // it was read as the setting says
			return nil
		}
		why, err = sessionBound(ctx, in, trees[0])
		return err
	})
	return why, err
}

// sessionBound names the first call, or the first way through text, in a tree
// that a setting of the session has a say in.
func sessionBound(ctx context.Context, in *task.Input, tree string) (string, error) {
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
	found, err := in.DB.Strings(ctx, SessionBoundSQL, pq.Array(called(tree)), pq.Array(through))
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

// SessionBoundSQL chooses, of functions ($1) and of types whose text is read or
// written ($2), those that hang on the session. Most that are STABLE only may
// raise an error by a setting, or read a catalog: those of times with a zone, and
// of money, give another result by one. A type stands for those made of it.
const SessionBoundSQL = `
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
