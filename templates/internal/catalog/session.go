package catalog

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

// Whoever may create in a schema of the search_path can put an operator or a
// function there that suits its arguments better than the server's own, and it
// would run as the role that looks. So a Catalog asks its own questions in a READ
// ONLY transaction under trustedPath, where no name but the server's is found. What
// a person wrote means what it means under that person's search_path: it runs
// there, and nothing else does, save calls without an operator and with every name
// qualified.

// TrustedPath finds the server's own names only. Without pg_temp at its end that
// would be searched first.
const TrustedPath = "pg_catalog, pg_temp"

// session is what a Catalog knows of its connection.
type session struct {
	// usual is the search_path that the connection came with.
	usual string
	// open is true in a transaction; trial is true in one that within began.
	open, trial bool
	// path is the search_path in force; "" where that is not known.
	path string
}

// Query asks about the catalog, under trustedPath.
func (c *Catalog) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return c.queryUnder(ctx, TrustedPath, query, args)
}

// QueryRow is query for one row.
func (c *Catalog) QueryRow(ctx context.Context, query string, args ...any) row {
	rows, err := c.Query(ctx, query, args...)
	return row{c, rows, err}
}

// UsualRow is queryRow under the search_path that the connection came with. The
// query has no operator that is not qualified, and no such name.
func (c *Catalog) UsualRow(ctx context.Context, query string, args ...any) row {
	rows, err := c.usualQuery(ctx, query, args...)
	return row{c, rows, err}
}

// usualQuery is usualRow for several rows.
func (c *Catalog) usualQuery(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	return c.queryUnder(ctx, c.usual, query, args)
}

func (c *Catalog) queryUnder(ctx context.Context, path, query string, args []any) (*sql.Rows, error) {
	if err := c.under(ctx, path); err != nil {
		return nil, err
	}
	rows, err := c.Conn.QueryContext(ctx, query, args...)
	return rows, c.spoilt(ctx, err)
}

// UsualPath are the schemas of the connection's own search_path that are there.
func (c *Catalog) UsualPath(ctx context.Context) (path []string, err error) {
	err = c.UsualRow(ctx, SQL("search_path")).Scan((*pq.StringArray)(&path))
	return slices.DeleteFunc(path, func(s string) bool { return strings.HasPrefix(s, "pg_temp") }), err
}

// UsualType is a type by the name that a person gave it; NULL where there is none.
func (c *Catalog) UsualType(ctx context.Context, name string) (oid sql.NullInt64, err error) {
	err = c.UsualRow(ctx, SQL("find_type"), name).Scan(&oid)
	return oid, err
}

// Exec runs a statement that has a person's words in it, as it would run in a file.
func (c *Catalog) Exec(ctx context.Context, statement string) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	return c.execUnder(ctx, c.usual, statement)
}

// ExecTrusted runs a statement whose names are all qualified.
func (c *Catalog) ExecTrusted(ctx context.Context, statement string) error {
	return c.execUnder(ctx, TrustedPath, statement)
}

func (c *Catalog) execUnder(ctx context.Context, path, statement string) error {
	if err := c.under(ctx, path); err != nil {
		return err
	}
	_, err := c.Conn.ExecContext(ctx, statement)
	c.path = "" // the statement may set it, or roll back to where it was another
	return c.spoilt(ctx, err)
}

// RollbackTo goes back to a savepoint, also after an error.
func (c *Catalog) RollbackTo(ctx context.Context, savepoint string) error {
	c.path = "" // it is what it was there
	_, err := c.Conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT "+savepoint)
	return err
}

// Parses has the server read one statement, with a person's words in it: it is not
// run. Prepared, it can be no more than one, whatever stands behind a semicolon.
func (c *Catalog) Parses(ctx context.Context, statement string) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	if err := c.under(ctx, c.usual); err != nil {
		return err
	}
	err := c.Conn.Raw(func(conn any) error {
		s, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, statement)
		if err != nil {
			return err
		}
		if s.NumInput() > 0 {
			err = ErrParameters
		}
		return errors.Join(err, s.Close())
	})
	return c.spoilt(ctx, err)
}

// ErrParameters is what a statement with $1 in it is refused by.
var ErrParameters = errors.New("the statement has parameters")

// begin starts the transaction of a question, unless there is one.
func (c *Catalog) begin(ctx context.Context) error {
	if c.open {
		return nil
	}
	return c.start(ctx, "BEGIN READ ONLY")
}

func (c *Catalog) start(ctx context.Context, begin string) error {
	if _, err := c.Conn.ExecContext(ctx, begin); err != nil {
		return err
	}
	c.open, c.path = true, ""
	if c.usual != "" {
		return nil
	}
	// By then nobody has set another one. An empty one is as good as the server's own.
	if err := c.Conn.QueryRowContext(ctx, "SELECT pg_catalog.current_setting('search_path')").Scan(&c.usual); err != nil {
		return fmt.Errorf("ask for the search_path: %w", err)
	}
	if c.usual == "" {
		c.usual = `""`
	}
	return nil
}

// under sets the search_path for the next statement.
func (c *Catalog) under(ctx context.Context, path string) error {
	if err := c.begin(ctx); err != nil || c.path == path {
		return err
	}
	if _, err := c.Conn.ExecContext(ctx, "SELECT pg_catalog.set_config('search_path', "+pgtext.Literal(path)+", true)"); err != nil {
		return c.spoilt(ctx, err)
	}
	c.path = path
	return nil
}

// spoilt ends a question's transaction after an error, so that the next one can be
// asked. A trial's is for its end.
func (c *Catalog) spoilt(ctx context.Context, err error) error {
	if err == nil || c.trial {
		return err
	}
	return errors.Join(err, c.End(ctx))
}

// End gives the connection back as it was.
func (c *Catalog) End(ctx context.Context) error {
	if !c.open {
		return nil
	}
	c.open, c.trial, c.path = false, false, ""
	_, err := c.Conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	return err
}

// RolledBack runs f in a transaction that leaves nothing behind, save what no
// rollback brings back, as the numbers of a sequence: f must not run parameters.
func (c *Catalog) RolledBack(ctx context.Context, f func() error) error {
	return c.within(ctx, "BEGIN", f)
}

// ReadOnly runs f where the server lets nothing be written: a parameter may call
// any function.
func (c *Catalog) ReadOnly(ctx context.Context, f func() error) error {
	return c.within(ctx, "BEGIN READ ONLY", f)
}

func (c *Catalog) within(ctx context.Context, begin string, f func() error) (err error) {
	if err := c.End(ctx); err != nil {
		return err
	}
	if err := c.start(ctx, begin); err != nil {
		return err
	}
	c.trial = true
	defer func() {
		if e := c.End(ctx); e != nil {
			err = errors.Join(err, e) // else as it is: a Mistake is never wrapped
		}
	}()
	return f()
}

// row is what a query found first.
type row struct {
	c    *Catalog
	rows *sql.Rows
	err  error
}

// Scan reads the row; sql.ErrNoRows where there is none.
func (r row) Scan(to ...any) error {
	if r.err != nil {
		return r.err
	}
	err := sql.ErrNoRows
	if r.rows.Next() {
		err = r.rows.Scan(to...)
	} else if r.rows.Err() != nil {
		err = r.rows.Err()
	}
	if e := r.rows.Close(); err == nil {
		err = e
	}
	if pq.As(err) != nil {
		return r.c.spoilt(context.Background(), err)
	}
	return err
}

// One runs what is one statement, whatever a parameter in it says behind a semicolon.
func (c *Catalog) One(ctx context.Context, statement string) error {
	if err := c.Parses(ctx, statement); err != nil {
		return err
	}
	return c.Exec(ctx, statement)
}
