package sqltext

import (
	"strings"

	"rung/internal/pgtext"
)

// BreakIndex puts the clauses of CREATE INDEX on lines of their own.
func BreakIndex(def string) string {
	if at := strings.Index(def, " ON "); at > 0 && !strings.Contains(def[:at], `"`) {
		def = def[:at] + "\n    ON " + def[at+len(" ON "):]
	}
	return BreakWhere(def)
}

// BreakWhere puts an index's condition on a line of its own.
func BreakWhere(def string) string {
	if keys, where, _ := pgtext.CutOutsideQuotes(def, " WHERE "); where != "" {
		return keys + "\n WHERE " + where
	}
	return def
}

func IndexMarks(table, name string, clustered, identity bool) (all []string) {
	if clustered {
		all = append(all, "ALTER TABLE "+table+"\n    CLUSTER ON "+name)
	}
	if identity {
		all = append(all, "ALTER TABLE "+table+"\n    REPLICA IDENTITY USING INDEX "+name)
	}
	return all
}

// Condition is a CHECK's, in parentheses.
func Condition(def string) string {
	return def[strings.Index(def, "(") : strings.LastIndex(def, ")")+1]
}

// BreakTrigger puts the clauses of CREATE TRIGGER on lines of their own.
func BreakTrigger(def string) string {
	for _, clause := range []string{" FOR EACH ", " EXECUTE FUNCTION "} {
		if before, after, _ := pgtext.CutOutsideQuotes(def, clause); after != "" {
			def = before + "\n    " + strings.TrimPrefix(clause, " ") + after
		}
	}
	return def
}

// IndexLines is the end of an index's definition, one clause a line.
func IndexLines(keys, where string) string {
	keys = strings.TrimPrefix(keys, "btree ")
	if !strings.HasPrefix(keys, "(") {
		keys = "USING " + keys
	}
	if where == "" {
		return keys
	}
	if inner, ok := strings.CutPrefix(where, "("); ok && !strings.ContainsAny(inner[:len(inner)-1], "()") {
		where = inner[:len(inner)-1]
	}
	return keys + "\n    WHERE " + where
}
