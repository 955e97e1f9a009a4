package templates

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// stopWhere stops a file where one of the counts, which have a name and n rows, is
// not 0; "" where there are no counts. Shown is how the message shows one.
func stopWhere(counts []string, shown, message, hint string) string {
	if len(counts) == 0 {
		return ""
	}
	return inDo(`#variable_conflict use_column
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

// noneStuck runs a file's look at the rows, and refuses where that would stop the file.
func (c *Catalog) noneStuck(ctx context.Context, look, fix string) error {
	if look == "" {
		return nil
	}
	err := c.execTrusted(ctx, look)
	if e := pq.As(err); e != nil && e.Code == "P0001" {
		return &Mistake{e.Message, fix}
	}
	if err != nil {
		return fmt.Errorf("look at the rows: %w", err)
	}
	return nil
}
