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
	}, catalog.SQL("int_sequences"), c.t.T.OID, number)
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
	formerFull := pgtext.Ident(s.schema) + "." + former
	all = append(all, "ALTER SEQUENCE "+s.full+"\n    RENAME TO "+former,
		alter+c.as(w.come)+" ADD GENERATED "+s.identity+" AS IDENTITY\n    (SEQUENCE NAME "+s.full+" "+strings.TrimSpace(options)+")",
		"SELECT pg_catalog.setval("+pgtext.Literal(s.full)+", last_value, is_called)\n  FROM "+formerFull,
		alter+c.as("")+" DROP IDENTITY")
	all = append(all, s.grants...)
	if s.said != "" {
		all = append(all, sqltext.Comment("SEQUENCE "+s.full, s.said))
	}
	return all
}
