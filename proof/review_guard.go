package proof

import (
	"fmt"
	"strconv"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
)

// guarding is the block that a template's direct way writes, and nothing beside it: what
// matches it raises an error for that table and that size, whoever wrote it.
var guarding = lazyre.New(`(?s)^DO \$check\$ BEGIN\s+IF (\S.*?) > ([0-9]{1,18}) THEN\s+RAISE EXCEPTION E?'(?:[^']|'')*';\s+END IF;\s+END \$check\$;?$`)

// guards notes a look at a table's size that stands below the lock of it, so that the
// table cannot grow behind the look; a rollback may take the lock away again.
func (j *judge) guards(m *moment) {
	if m.tx == nil {
		return
	}
	if m.word(0) == "ROLLBACK" {
		m.tx.guards = nil
		return
	}
	block := guarding.FindStringSubmatch(strings.TrimSpace(m.SQL))
	if block == nil {
		return
	}
	limit, err := strconv.ParseInt(block[2], 10, 64)
	r := measured(m, block[1])
	if err != nil || r == nil || !m.lockOn(r.OID).blocksWrites() {
		return
	}
	if m.tx.guards == nil {
		m.tx.guards = map[int64]guard{}
	}
	m.tx.guards[r.OID] = guard{limit, fmt.Sprintf("line %d ends the transaction where the table is larger than %s", m.Line, bytesText(limit))}
}

// measured is the table whose size an expression is, with its partitions; nil where it is
// none, or of one of several tables of that name. Tables that inherit are weighed by
// themselves.
func measured(m *moment, expression string) (found *relation) {
	for _, oid := range sortedOIDs(m.before.relations) {
		r := m.before.relations[oid]
		if r.Kind != "r" && r.Kind != "p" {
			continue
		}
		for _, name := range []string{pgtext.Ident(r.Name), pgtext.Ident(r.Schema) + "." + pgtext.Ident(r.Name)} {
			size := "pg_total_relation_size(" + pgtext.Literal(name) + ")"
			if r.Kind == "p" {
				size = "(SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(" + pgtext.Literal(name) + "))"
			}
			if size != expression {
				continue
			}
			if found != nil {
				return nil
			}
			found = r
		}
	}
	return found
}
