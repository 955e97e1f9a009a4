package bigint

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// sayIntKeys lists the keys of integers that the database has, the fullest first.
func sayIntKeys(ctx context.Context, in *task.Input) error {
	type key struct {
		name string
		used float64
	}
	found, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (k key, err error) {
		var typ string
		var most, now int64
		var days sql.NullFloat64
		var refer int
		if err := rows.Scan(&k.name, &typ, &most, &now, &days, &refer); err != nil {
			return k, err
		}
		k.used = float64(now) / float64(most)
		k.name = fmt.Sprintf("%5.1f %%  %s %s: %d of %d", 100*k.used, k.name, typ, now, most)
		if refer > 0 {
			k.name += fmt.Sprintf(", foreign keys to it: %d", refer)
		}
		if days.Valid {
			k.name += fmt.Sprintf(", %.0f days left at the pace of this server's statistics", days.Float64)
		}
		return k, nil
	}, IntKeysSQL)
	if err != nil {
		return fmt.Errorf("list the integer keys: %w", err)
	}
	slices.SortStableFunc(found, func(a, b key) int {
		switch {
		case a.used > b.used:
			return -1
		case a.used < b.used:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	for _, k := range found {
		in.Sayf("%s", k.name)
	}
	switch {
	case len(found) == 0:
		in.Sayf("no primary key takes integers or smallints from a sequence")
	case in.DB.Throwaway:
		in.Sayf("these are the numbers of a throwaway server that the directory has brought to its head: --database-url gives the real ones")
	}
	in.Sayf("nothing is written: change one by --set table=…")
	return nil
}

// IntKeysSQL lists the columns of integers that take their numbers from a sequence,
// with its last number, and the days that it has left at the pace of the inserts
// since the statistics were reset.
const IntKeysSQL = `
SELECT pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname), pg_catalog.format_type(a.atttypid, NULL), l.most,
       coalesce(q.last_value, 0),
       CASE WHEN s.n_tup_ins > 1000 AND d.stats_reset < pg_catalog.now() - '1 day'::interval
            THEN (l.most - coalesce(q.last_value, 0)) / (s.n_tup_ins / (EXTRACT(epoch FROM pg_catalog.now() - d.stats_reset)::float8 / 86400)) END,
       (SELECT count(*) FROM pg_catalog.pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = c.oid AND a.attnum = ANY (f.confkey) AND f.conparentid = 0)::int
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung') AND n.nspname NOT LIKE 'pg\_%'
 CROSS JOIN LATERAL (SELECT CASE a.atttypid WHEN 'int2'::regtype THEN 32767 ELSE 2147483647 END::bigint) AS l (most)
  JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p' AND a.attnum = ANY (k.conkey)
 CROSS JOIN LATERAL (SELECT max(x.last_value) AS last_value, count(*) AS many
                       FROM pg_catalog.pg_sequences AS x
                       JOIN pg_catalog.pg_namespace AS xn ON xn.nspname = x.schemaname
                       JOIN pg_catalog.pg_class AS xc ON xc.relnamespace = xn.oid AND xc.relname = x.sequencename
                      WHERE EXISTS (SELECT FROM pg_catalog.pg_depend AS o
                                     WHERE o.classid = 'pg_class'::regclass AND o.objid = xc.oid AND o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i'))
                         OR EXISTS (SELECT FROM pg_catalog.pg_attrdef AS e
                                      JOIN pg_catalog.pg_depend AS y ON y.classid = 'pg_attrdef'::regclass AND y.objid = e.oid AND y.refobjid = xc.oid
                                     WHERE e.adrelid = c.oid AND e.adnum = a.attnum)) AS q
  LEFT JOIN pg_catalog.pg_stat_user_tables AS s ON s.relid = c.oid
  LEFT JOIN pg_catalog.pg_stat_database AS d ON d.datname = pg_catalog.current_database()
 WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype)
   AND q.many > 0
 ORDER BY 1`

// sayUnseen names what may hold such a key and is no part of the change: functions
// that have an integer of it, and columns without a foreign key.
func (b *bigKey) sayUnseen(ctx context.Context, in *task.Input) error {
	var names, stems []string
	var columns []string
	for _, t := range b.Tables {
		names = append(names, t.T.Name)
		for _, c := range t.Columns {
			columns = append(columns, t.T.Full()+"."+c.as(""))
		}
	}
	first := b.first()
	if stem := strings.TrimSuffix(first.T.Name, "s"); len(stem) > 2 {
		stems = append(stems, stem)
	}
	bodies, err := in.DB.Strings(ctx, `
SELECT p.oid::regprocedure::text
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung')
 WHERE p.prosrc ~ ('\m(' || array_to_string($1::text[], '|') || ')\M')
   AND (p.prosrc ~* '\m(int|integer|int4|smallint|int2)\M' OR pg_catalog.pg_get_function_arguments(p.oid) ~ '\m(integer|smallint)\M' OR pg_catalog.pg_get_function_result(p.oid) ~ '\m(integer|smallint)\M')
 ORDER BY 1`, pq.Array(sqltext.QuoteMeta(names)))
	if err != nil {
		return err
	}
	if len(bodies) > 0 {
		in.Sayf("functions that name these tables and have integers, see to them before a key is beyond integer: %s", strings.Join(bodies, ", "))
	}
	alike, err := in.DB.Strings(ctx, `
SELECT x.name
  FROM (SELECT pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname) AS name
          FROM pg_catalog.pg_attribute AS a
          JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
          JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung')
         WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int4[]'::regtype)
           AND EXISTS (SELECT FROM unnest($1::text[]) AS s WHERE a.attname ~* (s || '.*id'))) AS x
 WHERE x.name <> ALL ($2)
 ORDER BY 1`, pq.Array(sqltext.QuoteMeta(stems)), pq.Array(columns))
	if err == nil && len(alike) > 0 {
		in.Sayf("columns of integers without a foreign key that may hold such keys, see to them: %s", strings.Join(alike, ", "))
	}
	return err
}

// first is the table that was asked for: the others refer to it.
func (b *bigKey) first() *bigTable { return b.Tables[len(b.Tables)-1] }

// Contract drops a table's old columns, and Unused names what still uses them.
func (t *bigTable) Contract() string {
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, append(t.unfollow(""), sqltext.AlterTable(t.T.As, sqltext.Prefixed("DROP COLUMN ", t.idents(intSide))))...)
}

// Old is what the contract looks for.
func (b *bigKey) Old(t *bigTable) shared.Gone {
	g := shared.Gone{Table: t.T.As, Full: t.T.Full(), Columns: t.names(intSide), Triggers: []string{t.trigger}}
	for _, o := range b.Tables {
		g.Functions = append(g.Functions, o.named().Function)
	}
	for _, x := range t.Indexes {
		if !x.unique {
			g.Indexes = append(g.Indexes, x.at(intSide))
		}
	}
	return g
}

// Differ is where a row differs that the old type could hold.
func (t *bigTable) Differ() string {
	return sqltext.JoinBy(t.Columns, "\n                OR ", func(c *bigColumn) string {
		least, most := limits(c.Type)
		return fmt.Sprintf("%s IS DISTINCT FROM CASE WHEN %s BETWEEN %d AND %d THEN %[2]s END", c.as(intSide), pgtext.Ident(c.Name), least, most)
	})
}
