package bigint

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/sqltext"
)

// bigSequence is what a column takes its numbers from.
type bigSequence struct {
	full, name, schema string
	typ                string
	identity           string // ALWAYS or BY DEFAULT
	owned              bool   // it goes with the column
	options, bigger    string // of the sequence as it is, and as one of bigint
	grants             []string
	said               string
}

func (c *bigColumn) sequences(ctx context.Context, db *catalog.Catalog, number int) (err error) {
	c.owned, err = catalog.List(ctx, db, func(rows *sql.Rows) (*bigSequence, error) {
		s := &bigSequence{}
		err := rows.Scan(&s.full, &s.schema, &s.name, &s.typ, &s.identity, &s.owned, &s.options, &s.bigger, (*pq.StringArray)(&s.grants), &s.said)
		return s, err
	}, SequencesSQL, c.t.T.OID, number)
	if err != nil {
		return fmt.Errorf("read the sequences of %s.%s: %w", c.t.T.As, c.Name, err)
	}
	for _, s := range c.owned {
		if s.identity != "" {
			c.identity = s
		} else if s.typ != "bigint" {
			c.t.Sequences = append(c.t.Sequences, s)
		}
	}
	return nil
}

// SequencesSQL reads the sequences that a column ($2) of a table ($1) owns or has in
// its default.
const SequencesSQL = `
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL),
       CASE WHEN o.deptype = 'i' THEN CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' ELSE '' END ELSE '' END,
       o.deptype IS NOT NULL,
       pg_catalog.format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, w.cycle),
       pg_catalog.format('START WITH %s INCREMENT BY %s %s%sCACHE %s %s', s.seqstart, s.seqincrement,
                         CASE WHEN s.seqmin NOT IN (l.least, 1) THEN 'MINVALUE ' || s.seqmin || ' ' ELSE '' END,
                         CASE WHEN s.seqmax NOT IN (l.most, -1) THEN 'MAXVALUE ' || s.seqmax || ' ' ELSE '' END, s.seqcache, w.cycle),
       ARRAY(SELECT pg_catalog.format('GRANT %s ON SEQUENCE %I.%I TO %s%s', g.privilege_type, n.nspname, c.relname,
                                      CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END,
                                      CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
               FROM pg_catalog.aclexplode(c.relacl) AS g
              WHERE g.grantee <> c.relowner
              ORDER BY 1),
       coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '')
  FROM pg_catalog.pg_sequence AS s
 CROSS JOIN LATERAL (SELECT CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END) AS w (cycle)
 CROSS JOIN LATERAL (SELECT CASE s.seqtypid WHEN 'int2'::regtype THEN -32768 WHEN 'int4'::regtype THEN -2147483648 ELSE -9223372036854775808 END,
                            CASE s.seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END) AS l (least, most)
  JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1 AND a.attnum = $2
  LEFT JOIN pg_catalog.pg_depend AS o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass
   AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i')
 WHERE o.deptype IS NOT NULL
    OR EXISTS (SELECT
                 FROM pg_catalog.pg_attrdef AS d
                 JOIN pg_catalog.pg_depend AS x ON x.classid = 'pg_attrdef'::regclass AND x.objid = d.oid AND x.refclassid = 'pg_class'::regclass AND x.refobjid = c.oid
                WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)
 ORDER BY 1`

// widen has the sequences of defaults give numbers beyond the old type, and narrow
// takes that back. Its lock waits for every transaction that has taken a number.
func (t *bigTable) alterSequences(typ func(*bigSequence) string) (all string) {
	for _, s := range t.Sequences {
		all += "BEGIN;\n\nSET LOCAL lock_timeout = '200ms';\n\nALTER SEQUENCE " + s.full + "\n    AS " + typ(s) + ";\n\nCOMMIT;\n\n"
	}
	return all
}

func (t *bigTable) Widen() string {
	return t.alterSequences(func(*bigSequence) string { return "bigint" })
}

func (t *bigTable) Narrow() string {
	return t.alterSequences(func(s *bigSequence) string { return s.typ })
}

// numbers has a column that comes take its numbers from where the one that leaves
// did.
func (c *bigColumn) numbers(w turn) []string {
	alter := "ALTER TABLE " + c.t.T.As + "\n    ALTER COLUMN "
	var all []string
	if c.Default != "" && c.identity == nil {
		all = append(all, alter+c.as(w.come)+" SET DEFAULT "+c.Default, alter+c.as("")+" DROP DEFAULT")
	}
	for _, s := range c.owned {
		if s.owned && s != c.identity {
			all = append(all, "ALTER SEQUENCE "+s.full+"\n    OWNED BY "+c.t.T.As+"."+c.as(w.come))
		}
	}
	if c.identity == nil {
		return all
	}
	s, options := c.identity, c.identity.bigger
	if w == turnBack {
		options = s.options
	}
	former := pgtext.Ident(sqltext.Name(s.name, w.leave))
	asideFull := pgtext.Ident(s.schema) + "." + former
	all = append(all, "ALTER SEQUENCE "+s.full+"\n    RENAME TO "+former,
		alter+c.as(w.come)+" ADD GENERATED "+s.identity+" AS IDENTITY\n    (SEQUENCE NAME "+s.full+" "+strings.TrimSpace(options)+")",
		"SELECT pg_catalog.setval("+pgtext.Literal(s.full)+", last_value, is_called)\n  FROM "+asideFull,
		alter+c.as("")+" DROP IDENTITY")
	all = append(all, s.grants...)
	if s.said != "" {
		all = append(all, sqltext.Comment("SEQUENCE "+s.full, s.said))
	}
	return all
}
