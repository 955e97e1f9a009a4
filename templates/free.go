package templates

import (
	"context"
	"fmt"
)

// firstFree is the first of a schema's free names among those that name makes
// of 0, 1, 2 …: for what the person has no say in the name of. Those in mine
// are not free either, since the same file is about to take them.
func (in *Input) firstFree(ctx context.Context, schema string, mine []string, name func(n int) string) (string, error) {
	if in.DB == nil {
		return name(0), nil
	}
	taken, err := in.DB.strings(ctx, `
SELECT relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1
 UNION
SELECT conname FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace WHERE n.nspname = $1`, schema)
	if err != nil {
		return "", err
	}
	for n := 0; ; n++ {
		if try := name(n); !has(taken, try) && !has(mine, try) {
			return try, nil
		}
	}
}

// numbered is a suffix as PostgreSQL numbers its own: none at first, then 1, 2 …
func numbered(suffix string, n int) string {
	if n == 0 {
		return suffix
	}
	return fmt.Sprint(suffix, n)
}
