package sqltext

import (
	"strings"

	"rung/internal/pgtext"
)

// InDo quotes a body by dollars that do not occur in it.
func InDo(body string) string {
	tag := "$$"
	if strings.Contains(body, tag) {
		tag = pgtext.DollarTag("do", body)
	}
	return "DO " + tag + "\n" + body + "\n" + tag + ";"
}

// Ahead is a lock that an autovacuum yields to, which neither keeps readers
// and writers out nor waits for them. Before one that does, it spares them the wait
// for the autovacuum.
func Ahead(tables ...string) string {
	return "LOCK TABLE " + strings.Join(tables, ",\n           ") + "\n        IN SHARE UPDATE EXCLUSIVE MODE;"
}

func AlterTable(table string, actions []string) string {
	return "ALTER TABLE " + table + "\n    " + strings.Join(actions, ",\n    ")
}

func Comment(on, text string) string { return "COMMENT ON " + on + " IS " + pgtext.Literal(text) }

// StopWhere stops a file where one of the counts, which have a name and n rows, is
// not 0; "" where there are no counts. Shown is how the message shows one.
func StopWhere(counts []string, shown, message, hint string) string {
	if len(counts) == 0 {
		return ""
	}
	return InDo(`#variable_conflict use_column
DECLARE
    found text;
BEGIN
    SELECT string_agg(` + shown + `, '; ' ORDER BY name)
      INTO found
      FROM (
            ` + strings.Join(counts, "\n             UNION ALL\n            ") + `
           ) AS counts
     WHERE n > 0;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION '` + message + `: %', found
              USING HINT = '` + hint + `';
    END IF;
END`)
}
