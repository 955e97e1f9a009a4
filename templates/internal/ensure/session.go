package ensure

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/catalog"
	"rung/templates/internal/task"
)

// Unsteady names what in an assignment of an expression depends on the session;
// "" if nothing does. The server's own tree of it tells, coercions included.
func Unsteady(ctx context.Context, in *task.Input, typ, expression, from string) (why string, err error) {
	err = OnTypeProbe(ctx, in, typ, func() error {
		trees := make([]string, 2)
		for n, set := range []string{"SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'", "SET LOCAL TimeZone = 'Asia/Tokyo'; SET LOCAL DateStyle = 'ISO, DMY'"} {
			if err := in.DB.Exec(ctx, set); err != nil {
				return err
			}
			if trees[n], err = Tree(ctx, in, expression, from); err != nil {
				return err
			}
		}
		if trees[0] != trees[1] {
			why = "a literal in it" // it was read as the setting says
			return nil
		}
		why, err = sessionBound(ctx, in, trees[0])
		return err
	})
	return why, err
}

// sessionBound names the first call, or the first way through text, in a tree
// that a setting of the session has a say in.
func sessionBound(ctx context.Context, in *task.Input, tree string) (string, error) {
	if strings.Contains(tree, "{SQLVALUEFUNCTION ") {
		return "CURRENT_something", nil
	}
	var through []string
	for _, rest := range strings.Split(tree, "{COERCEVIAIO :arg ")[1:] {
		own, end := shallow(rest)
		for _, m := range append(typesOf.FindAllStringSubmatch(own, -1), becoming.FindStringSubmatch(rest[end:])) {
			if m != nil {
				through = append(through, m[1])
			}
		}
	}
	found, err := in.DB.Strings(ctx, catalog.SQL("functions_session_bound"), pq.Array(called(tree)), pq.Array(through))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// shallow is a node's own text, without that of the nodes in it, and where the
// node ends. A backslash stands before a brace that is part of a name.
func shallow(tree string) (own string, end int) {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(tree); i++ {
		switch tree[i] {
		case '\\':
			i++
			continue
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return b.String(), i + 1
		}
		if depth == 1 {
			b.WriteByte(tree[i])
		}
	}
	return b.String(), len(tree)
}
