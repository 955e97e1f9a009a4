package templates

import (
	"context"
	"strings"

	"rung/templates/internal/enum"
	"rung/templates/internal/words"
)

// Choices are what a parameter can be, by the schema and the parameters given so far,
// for a person to choose from; none where it can be anything.
func (t *Template) Choices(ctx context.Context, c *Catalog, p Param, given map[string]string) ([]string, error) {
	ofEnum := strings.HasPrefix(t.Name, "enum")
	switch {
	case p.Name == "way":
		return []string{"direct", "online"}, nil
	case strings.HasPrefix(p.Usage, "true "):
		return []string{"true", "false"}, nil
	case p.Name == "strategy":
		return enum.Strategies, nil
	case p.Name == "table", p.Name == "source", p.Name == "references":
		return c.TableNames(ctx)
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
	case p.Name == "type" && ofEnum:
		return c.EnumNames(ctx)
	case ofEnum && (p.Name == "remove" || p.Name == "after") && given["type"] != "":
		e, err := c.Enum(ctx, given["type"])
		if err != nil {
			return nil, err
		}
		return itemsOf(e.Values), nil
	}
	return nil, nil
}

// itemsOf writes values as a list parameter has them.
func itemsOf(values []string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = words.ListItem(v)
	}
	return all
}
