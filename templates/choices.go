package templates

import (
	"context"
	"strings"

	"github.com/lib/pq"
)

// Choices are what a parameter can be, by the schema and the parameters given so far,
// for a person to choose from; none where it can be anything.
func (c *Catalog) Choices(ctx context.Context, t *Template, p Param, given map[string]string) ([]string, error) {
	enum := strings.HasPrefix(t.Name, "enum")
	switch {
	case p.Name == "way":
		return []string{"direct", "online"}, nil
	case strings.HasPrefix(p.Usage, "true "):
		return []string{"true", "false"}, nil
	case p.Name == "strategy":
		return strategies, nil
	case p.Name == "table", p.Name == "source", p.Name == "references":
		return c.tableNames(ctx)
	case p.Name == "column" && !strings.HasPrefix(p.Usage, "the new ") && given["table"] != "":
		table, err := c.Table(ctx, given["table"])
		if err != nil {
			return nil, err
		}
		var names []string
		for _, column := range table.Columns {
			names = append(names, column.Name)
		}
		return names, nil
	case p.Name == "type" && enum:
		return c.enumNames(ctx)
	case enum && (p.Name == "remove" || p.Name == "after") && given["type"] != "":
		e, err := c.Enum(ctx, given["type"])
		if err != nil {
			return nil, err
		}
		return itemsOf(e.Labels), nil
	}
	return nil, nil
}

// itemsOf writes values as a list parameter has them.
func itemsOf(values []string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = listItem(v)
	}
	return all
}

// tableNames are the tables, those on the search_path without their schema.
func (c *Catalog) tableNames(ctx context.Context) ([]string, error) {
	path, err := c.usualPath(ctx)
	if err != nil {
		return nil, err
	}
	return c.strings(ctx, `
SELECT CASE WHEN n.nspname = ANY ($1) THEN pg_catalog.quote_ident(c.relname) ELSE c.oid::regclass::text END
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung') AND n.nspname NOT LIKE 'pg\_%'
 ORDER BY 1`, pq.Array(path))
}

// enumNames are the enum types in the same way.
func (c *Catalog) enumNames(ctx context.Context) ([]string, error) {
	path, err := c.usualPath(ctx)
	if err != nil {
		return nil, err
	}
	return c.strings(ctx, `
SELECT CASE WHEN n.nspname = ANY ($1) THEN pg_catalog.quote_ident(t.typname) ELSE t.oid::regtype::text END
  FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.typtype = 'e' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
 ORDER BY 1`, pq.Array(path))
}

// Command is the command that gives a template parameters, for a shell.
func (t *Template) Command(name string, given map[string]string) string {
	line := "rung new " + shellWord(name) + " --template " + t.Name
	for _, p := range t.Params {
		if value, ok := given[p.Name]; ok {
			line += " --set " + shellWord(p.Name+"="+value)
		}
	}
	return line
}
