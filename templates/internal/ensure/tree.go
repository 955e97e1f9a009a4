package ensure

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/templates/internal/catalog"
	"rung/templates/internal/task"
)

// OnTypeProbe calls f while there is a table rung_probe whose column c is of a type.
func OnTypeProbe(ctx context.Context, in *task.Input, typ string, f func() error) error {
	return in.DB.RolledBack(ctx, func() error {
		if err := in.DB.One(ctx, "CREATE TEMP TABLE rung_probe (c "+typ+")"); err != nil {
			return BadParam("type", typ, err)
		}
		return f()
	})
}

// Tree is how the server reads an expression that is put into the probe, in its own
// notation. Nothing is run.
func Tree(ctx context.Context, in *task.Input, expression, from string) (tree string, err error) {
	if alias := from[strings.LastIndexByte(from, ' ')+1:]; alias == "new" || alias == "old" || strings.HasSuffix(from, ".new") || strings.HasSuffix(from, ".old") {
		from = "(SELECT * FROM " + from + ") AS rung_row" // a rule has these names for itself
	}
	err = in.DB.Exec(ctx, `CREATE OR REPLACE RULE rung_probe AS ON UPDATE TO pg_temp.rung_probe
    DO ALSO INSERT INTO pg_temp.rung_probe SELECT (`+expression+`) FROM `+from)
	if err != nil {
		return "", err
	}
	err = in.DB.QueryRow(ctx, catalog.SQL("probe_tree")).Scan(&tree)
	return tree, err
}

var (
	calls    = lazyre.New(`:(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)`)
	typesOf  = lazyre.New(`:[a-z]*type (\d+)`)
	becoming = lazyre.New(`^ :resulttype (\d+)`)
)

// Volatile reports whether a tree has a call that may give another result each time.
func Volatile(ctx context.Context, in *task.Input, tree string) (is bool, err error) {
	err = in.DB.QueryRow(ctx, catalog.SQL("functions_volatile"), pq.Array(called(tree))).Scan(&is)
	return is, err
}

// serversOwn reports whether a tree calls nothing but what came with the server.
func serversOwn(ctx context.Context, in *task.Input, tree string) (are bool, err error) {
	err = in.DB.QueryRow(ctx, catalog.SQL("functions_of_server"), pq.Array(called(tree))).Scan(&are)
	return are, err
}

func called(tree string) (oids []string) {
	for _, m := range calls.FindAllStringSubmatch(tree, -1) {
		oids = append(oids, m[1])
	}
	return oids
}
