// Package citus is what rung asks the catalog of a Citus cluster, and what it says
// there in another way than to plain PostgreSQL. It sends nothing by itself.
package citus

import (
	"database/sql"
	_ "embed"
	"strconv"
	"strings"

	"rung/internal/pgtext"
)

// Here is SQL that is true in a database with the extension. It stands where the
// search_path is not rung's, and in the first message of every run: to look for one of
// Citus's functions (since 11.0) takes half the time of opening pg_extension.
const Here = "(pg_catalog.to_regproc('pg_catalog.citus_backend_gpid') IS NOT NULL)"

// Node is the server of a session. The zero value is one without Citus.
type Node struct {
	// Group is that of the node: 0 is the coordinator's.
	Group int
	// Nodes is how many the cluster has; with 0 the extension is there, and no table
	// is distributed yet.
	Nodes int
	// Propagates is citus.propagate_set_commands, as the session begins with it.
	Propagates string
	// Table is what there is under the name of rung's reference table.
	Table TableKind
	// Copies is on how many nodes that is.
	Copies int
	// CoordinatorListed reports whether the coordinator is one of the nodes.
	CoordinatorListed bool
}

// TableKind is what a name stands for.
type TableKind string

// The kinds that matter for rung's reference table.
const (
	Missing   TableKind = "missing"
	Reference TableKind = "reference"
	Local     TableKind = "local"   // a plain table, as a restored dump has it
	Foreign   TableKind = "foreign" // somebody else's, or with code of somebody's
)

//go:embed sql/node.sql
var nodeSQL string

// NodeSQL asks what a Node says. Table is the qualified name of rung's reference table.
func NodeSQL(table string) string { return fill(nodeSQL, "table", pgtext.Literal(table)) }

// Scan reads the answer.
func (n *Node) Scan(rows *sql.Rows) error {
	var listed int
	err := rows.Scan(&n.Group, &n.Nodes, &n.Propagates, &n.Table, &n.Copies, &listed)
	n.CoordinatorListed = listed > 0
	return err
}

//go:embed sql/lock_waits.sql
var lockWaitsSQL string

// LockWaitsSQL asks who blocks a server process of this node on the shards: pid, user,
// application, state, milliseconds of its transaction, query. The pid of a session of
// another node is the global one, which the coordinator's pg_terminate_backend takes.
func LockWaitsSQL(pid int) string { return fill(lockWaitsSQL, "pid", strconv.Itoa(pid)) }

//go:embed sql/pages.sql
var pagesSQL string

// PagesSQL asks how many pages a table has in all of the cluster.
func PagesSQL(table string) string { return fill(pagesSQL, "table", pgtext.Literal(table)) }

// fill puts a value, as SQL, where the text has psql's :'name'.
func fill(text, name, value string) string { return strings.ReplaceAll(text, ":'"+name+"'", value) }

// Propagated are statements that make settings in the open transaction, on the shards
// too. Each has to be a message of its own: with others behind it, Citus sends all of
// the message to the workers.
func Propagated(settings ...string) []string {
	all := []string{"SET LOCAL citus.propagate_set_commands = 'local';\n"}
	for _, s := range settings {
		all = append(all, "SET LOCAL "+s+";\n")
	}
	return append(all, NotPropagated)
}

// NotPropagated is the last of them.
const NotPropagated = "SET LOCAL citus.propagate_set_commands = 'none';\n"

// Below is what the shards say in a plan: without it what the coordinator says. A
// coordinator sorts what comes from the shards in the index's order.
func Below(plan string) string {
	_, below, found := strings.Cut(plan, `"Remote Plan"`)
	if !found {
		return plan
	}
	return below
}
