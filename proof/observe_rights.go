package proof

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/lib/pq"
)

//go:embed sql/observe_rights.sql
var observeRightsSQL string

// rights are the owner, the grants and the comment of an object.
type rights struct {
	oid            int64
	owner, comment string
	grants         []string
}

// readRights are those of all objects, by kind and name.
func (o *observer) readRights(ctx context.Context) (map[string]rights, error) {
	rows, err := o.conn.QueryContext(ctx, observeRightsSQL)
	if err != nil {
		return nil, fmt.Errorf("read the grants of the scratch database: %w", err)
	}
	defer rows.Close()
	all := map[string]rights{}
	for rows.Next() {
		var kind, name string
		var r rights
		if err := rows.Scan(&kind, &name, &r.oid, &r.owner, &r.comment, pq.Array(&r.grants)); err != nil {
			return nil, fmt.Errorf("read the grants of the scratch database: %w", err)
		}
		all[kind+" "+name] = r
	}
	return all, rows.Err()
}
