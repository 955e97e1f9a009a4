package catalog

import (
	"context"

	"github.com/lib/pq"

	"rung/templates/internal/mistake"
)

// noTable says which table the user may have meant.
func (c *Catalog) noTable(ctx context.Context, name string) error {
	path, err := c.UsualPath(ctx)
	if err != nil {
		return err
	}
	rows, err := c.Query(ctx, SQL("table_names_all"), pq.Array(path))
	if err != nil {
		return err
	}
	defer rows.Close()
	var known []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return err
		}
		known = append(known, one)
	}
	return mistake.Unknown("table", name, known)
}

// TableNames are the tables, those on the search_path without their schema.
func (c *Catalog) TableNames(ctx context.Context) ([]string, error) {
	path, err := c.UsualPath(ctx)
	if err != nil {
		return nil, err
	}
	return c.Strings(ctx, SQL("table_names"), pq.Array(path))
}

// EnumNames are the enum types in the same way.
func (c *Catalog) EnumNames(ctx context.Context) ([]string, error) {
	path, err := c.UsualPath(ctx)
	if err != nil {
		return nil, err
	}
	return c.Strings(ctx, SQL("enum_names"), pq.Array(path))
}

// UsualRowThere reports whether a name is that of a table.
func (c *Catalog) UsualRowThere(ctx context.Context, name string) (there bool, err error) {
	err = c.UsualRow(ctx, SQL("relation_exists"), name).Scan(&there)
	if e := pq.As(err); e != nil {
		return false, nil
	}
	return there, err
}

func (c *Catalog) noEnum(ctx context.Context, name string) error {
	path, err := c.UsualPath(ctx)
	if err != nil {
		return err
	}
	known, err := c.Strings(ctx, SQL("types"), pq.Array(path))
	if err != nil {
		return err
	}
	return mistake.Unknown("enum type", name, known)
}
