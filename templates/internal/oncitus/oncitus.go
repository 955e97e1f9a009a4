// Package oncitus is what templates write otherwise, or not at all, for the distributed
// tables of a Citus cluster.
package oncitus

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/citus"
	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// On Citus a template writes for a table of the cluster only what was seen to run on one
// (docs/citus.md). What the workers need besides stands in the file, where a DBA sees it.

// Order is a template that is to write for what its parameters name.
type Order struct {
	Template string
	Answers  Answers
	// Of are the parameters that name the table or the type.
	Of map[string]string
	// TakesWay reports whether the template has a direct and an online way.
	TakesWay bool
}

// Check refuses a template that would write what does not run on the cluster's table
// that it is for, and chooses the way that was tried. It notes the table in the task; ""
// where none is the cluster's, and where nobody looks.
func Check(ctx context.Context, in *task.Input, o Order) error {
	if in.DB == nil {
		return nil
	}
	tables, err := tablesOf(ctx, in.DB, o.Of["table"], o.Of["type"])
	if err != nil || len(tables) == 0 {
		return err
	}
	for _, t := range tables {
		if a := o.Answers.For(t.Kind); !a.Works {
			return mistake.New(
				"template "+o.Template+" does not work on "+t.Name+", a "+string(t.Kind)+" table of the Citus cluster: "+cmp.Or(a.Why, unsaid),
				cmp.Or(a.Instead, "docs/citus.md says what works; on a table that Citus does not know the template does"),
			)
		}
		if t.Column != "" && o.Answers.Writes != "" && t.Column == in.Params[o.Answers.Writes] {
			return mistake.New(
				fmt.Sprintf("%s is distributed by %s, and Citus changes neither the values nor the type of that column", t.Name, pgtext.Ident(t.Column)),
				"undistribute_table makes a local table of it, alter_distributed_table distributes it by another column",
			)
		}
	}
	in.Cluster = tables[0].Name
	if o.TakesWay {
		if in.Params["way"] == "direct" {
			return mistake.New("way=direct does not work on "+in.Cluster+", a table of the Citus cluster: the file's look at its size would see the coordinator's empty one", "leave it out: batches over the key work")
		}
		in.Params["way"] = "online"
	}
	return mustBeSteady(ctx, in, o.Answers.Value)
}

// tablesOf are the cluster's tables among the one named and those with a column of the
// type named.
func tablesOf(ctx context.Context, db *catalog.Catalog, table, typ string) ([]citus.Table, error) {
	var oid, typeOID sql.NullInt64
	var path sql.NullString
	here, err := db.OnCitus(ctx)
	if err != nil || !here {
		return nil, err
	}
	if table != "" {
		err = db.UsualRow(ctx, catalog.SQL("find_table"), table).Scan(&oid, &path)
	}
	if typ != "" && err == nil {
		typeOID, err = db.UsualType(ctx, typ)
	}
	if catalog.NoName(err) {
		return nil, nil // the template says so
	} else if err != nil {
		return nil, err
	}
	return db.CitusTables(ctx, oid, typeOID)
}

var chooses = lazyre.New(`(?i)\b(case|coalesce)\b`)

// mustBeSteady refuses an expression that an UPDATE of the shards cannot have: one that
// is not IMMUTABLE and reads a column, or stands in a CASE. The server tells, by what an
// index can be on. A subquery passes: whether it does depends on how tables are colocated.
func mustBeSteady(ctx context.Context, in *task.Input, param string) error {
	value := in.Params[param]
	if value == "" {
		return nil
	}
	err := in.DB.RolledBack(ctx, func() error {
		if err := in.DB.Exec(ctx, "CREATE TEMP TABLE rung_probe (LIKE "+in.Params["table"]+")"); err != nil {
			return nil // the template says what is wrong with the table
		}
		return in.DB.Exec(ctx, "CREATE INDEX ON pg_temp.rung_probe (("+value+"))")
	})
	if e := pq.As(err); e == nil || !strings.Contains(e.Message, "must be marked IMMUTABLE") {
		return nil // and what is wrong with the value
	}
	if in.DB.Parses(ctx, "SELECT "+value) == nil && !chooses.MatchString(value) {
		return nil
	}
	return mistake.New(
		fmt.Sprintf("%s=%s is not IMMUTABLE, and an UPDATE of the shards of %s cannot work that out: \"STABLE functions used in UPDATE queries cannot be called with column references\"", param, value, in.Cluster),
		"write it with functions that are IMMUTABLE, as a function of yours may be; now() by itself works",
	)
}

// Write adds to files for a table of the cluster what the workers need, and refuses a
// statement that they do not take.
func Write(in *task.Input, template string, texts ...*string) error {
	if in.Cluster == "" {
		return nil
	}
	for _, text := range texts {
		if err := mustTake(template, in.Cluster, *text); err != nil {
			return err
		}
		var err error
		if *text, err = settings(*text); err != nil {
			return err
		}
	}
	return nil
}
