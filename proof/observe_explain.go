package proof

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// explain names the tables whose rows an UPDATE or DELETE looks at without an
// index, though it would take one if it could.
func (o *observer) explain(ctx context.Context, m *moment, args []any) (tables []string) {
	words := m.statement.Words
	if m.batch || len(words) == 0 || !slices.Contains([]string{"UPDATE", "DELETE", "MERGE", "WITH"}, words[0]) {
		return nil
	}
	if o.exec(ctx, "SAVEPOINT rung_explain; SET LOCAL enable_seqscan = off") != nil {
		return nil
	}
	var text []byte
	err := o.conn.QueryRowContext(ctx, "EXPLAIN (VERBOSE, FORMAT JSON) "+m.SQL, args...).Scan(&text)
	_ = o.exec(ctx, "ROLLBACK TO SAVEPOINT rung_explain; RELEASE SAVEPOINT rung_explain")
	var plans []struct{ Plan planNode }
	if err != nil || json.Unmarshal(text, &plans) != nil || len(plans) == 0 {
		return nil // the statement itself will tell
	}
	return plans[0].Plan.wholeTables("")
}

// planNode is a node of EXPLAIN's JSON.
type planNode struct {
	Type      string     `json:"Node Type"`
	Operation string     `json:"Operation"`
	Schema    string     `json:"Schema"`
	Relation  string     `json:"Relation Name"`
	IndexCond string     `json:"Index Cond"`
	Rows      float64    `json:"Plan Rows"`
	Plans     []planNode `json:"Plans"`
}

// wholeTables walks to the scans of the tables that are written.
func (p planNode) wholeTables(written string) (tables []string) {
	name := qualified(p.Schema, p.Relation)
	switch {
	case p.Type == "ModifyTable" && p.Operation != "Insert":
		written = name
	case p.Relation != "" && name == written && (p.Type == "Seq Scan" || strings.HasPrefix(p.Type, "Index") && p.IndexCond == ""):
		tables = append(tables, name)
	}
	for _, child := range p.Plans {
		for _, t := range child.wholeTables(written) {
			if !slices.Contains(tables, t) {
				tables = append(tables, t)
			}
		}
	}
	return tables
}
