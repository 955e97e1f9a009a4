package enum

import (
	"context"
	"database/sql"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// body is a function whose text names the type, and the call by which its
// language looks it over.
type body struct{ function, check string }

// bodiesWithout refuses functions that do not compile without the type, and
// warns of the others that name it: a cast in a text shows only when it runs.
func bodiesWithout(ctx context.Context, in *task.Input, e *catalog.Enum) error {
	bodies, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (b body, err error) {
		err = rows.Scan(&b.function, &b.check)
		return b, err
	}, catalog.SQL("typebodies"), e.Name)
	if err != nil || len(bodies) == 0 {
		return err
	}
	without, with, err := fails(ctx, in, e, bodies)
	if err != nil {
		return err
	}
	var broken, unsure []string
	for _, b := range bodies {
		if without[b] && !with[b] {
			broken = append(broken, b.function)
		} else {
			unsure = append(unsure, b.function)
		}
	}
	if len(broken) > 0 {
		return mistake.New(
			"functions would fail without the type "+e.As+", which their text names: "+strings.Join(broken, ", "),
			"have them say text, or table.column%TYPE, in a migration before",
		)
	}
	in.Sayf("functions whose text names %s: see to each before. Where that is the type, as in ::%s, and not a column, each call fails once the type is gone: %s", pgtext.Ident(e.Name), pgtext.Ident(e.Name), strings.Join(unsure, ", "))
	return nil
}

// fails looks the functions over without the type, and then with it: the other
// way round, the session would have kept what it compiled.
func fails(ctx context.Context, in *task.Input, e *catalog.Enum, bodies []body) (without, with map[body]bool, err error) {
	err = in.DB.RolledBack(ctx, func() error {
		exec := func(sql string) error { return in.DB.Exec(ctx, sql) }
		look := func() (map[body]bool, error) {
			failed := map[body]bool{}
			for _, b := range bodies {
				if err := exec("SAVEPOINT rung_body"); err != nil {
					return nil, err
				}
				failed[b] = exec(b.check) != nil
				if err := in.DB.RollbackTo(ctx, "rung_body"); err != nil {
					return nil, err
				}
			}
			return failed, nil
		}
		for _, sql := range []string{"SET LOCAL lock_timeout = '5s'", "SET LOCAL check_function_bodies = on", "SAVEPOINT rung_type", "ALTER TYPE " + e.Full + " RENAME TO rung_is_gone"} {
			if err := exec(sql); err != nil {
				return err
			}
		}
		if without, err = look(); err != nil {
			return err
		}
		if err := in.DB.RollbackTo(ctx, "rung_type"); err != nil {
			return err
		}
		with, err = look()
		return err
	})
	return without, with, err
}
