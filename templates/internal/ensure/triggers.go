package ensure

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// LastToFire is a trigger's name behind those of the table's other triggers,
// which may change what it must follow.
func LastToFire(ctx context.Context, in *task.Input, t *catalog.Table, name string) (string, error) {
	if in.DB == nil {
		return name, nil
	}
	others, err := in.DB.Strings(ctx, catalog.SQL("firing"), t.OID)
	if err != nil || len(others) == 0 {
		return name, err
	}
	last, at := others[len(others)-1], strings.LastIndexByte(name, '_')
	for _, prefix := range []string{"", "zz_", "~"} {
		if try := sqltext.Name(prefix+name[:at], name[at+1:]); try > last {
			return try, nil
		}
	}
	return "", mistake.New(fmt.Sprintf("trigger %s of %s fires after any that could be added", pgtext.Ident(last), t.As), "give it a name from further up in the alphabet")
}

// OwnersPath is the search_path for a function that runs with the rights of its
// owner: the one in force, each schema by its name, since "$user" would be
// another one then. What it does not name is searched first, and that would be
// pg_temp, where anybody can put a table in the place of the owner's.
func OwnersPath(ctx context.Context, in *task.Input) (string, error) {
	path, err := in.DB.UsualPath(ctx)
	if len(path) == 0 {
		path = []string{"pg_catalog"}
	}
	return sqltext.Join(append(path, "pg_temp"), pgtext.Ident), err
}
