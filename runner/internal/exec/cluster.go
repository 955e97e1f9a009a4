package exec

import (
	"sync/atomic"

	"rung/internal/citus"
	"rung/internal/pgtext"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Cluster is what a run knows of the Citus cluster that it works on. The zero value
// is plain PostgreSQL.
//
// Citus commits by two phases only where a transaction writes to more than one node.
// Otherwise the worker commits before the coordinator, and one that dies between the
// two loses the history's entry of what is in place. So each transaction that runs
// statements of a file writes a row to a reference table, which is on all nodes.
type Cluster struct {
	On   bool
	Node citus.Node
	book store.Book
	// written counts those rows: they are deleted now and then.
	written *atomic.Int64
}

// refusal says why rung does not work on this node, or is nil.
func (c Cluster) refusal() error {
	n, table := c.Node, c.table()
	switch {
	case n.Group != 0:
		return &plan.RefusalError{
			Reason: "this server is a worker of a Citus cluster, and migrations run on its coordinator",
			Hint:   "give the coordinator's address: SELECT nodename, nodeport FROM pg_dist_node WHERE groupid = 0 names it, if it is listed",
		}
	case n.Propagates == "local":
		return &plan.RefusalError{
			Reason: "citus.propagate_set_commands is 'local' from the session's start: Citus would send rung's messages, with all that they hold, to the workers",
			Hint:   "reset it where it was set: ALTER DATABASE, ALTER ROLE or postgresql.conf; rung sets it itself where it needs it",
		}
	case n.Table == citus.Foreign:
		return &plan.RefusalError{
			Reason: table + " is another role's, or has a trigger or a rule, and rung writes to it in each transaction",
			Hint:   "find out who made it, and drop it: rung makes it again",
		}
	case n.Table == citus.Local:
		return &plan.RefusalError{
			Reason: table + " is no reference table: without one, a coordinator that dies in COMMIT can lose the history's entry of what is in place",
			Hint:   "drop it, and rung makes it again; a dump that was restored has it as a plain table",
		}
	}
	return nil
}

// table is the reference table, as SQL.
func (c Cluster) table() string { return pgtext.Ident(c.book.Schema) + ".two_phase" }

// CreateReference makes the table a reference table.
func (c Cluster) CreateReference() string {
	return c.book.SQL("two_phase_reference", store.Values{"table": c.table()})
}

// TwoPhase is the row that makes a transaction one of two phases; "" where there is no
// need. It comes last, behind what the file does: a row with a key of its own waits for
// nobody.
func (c Cluster) TwoPhase() string {
	if c.Node.Table != citus.Reference {
		return ""
	}
	c.written.Add(1)
	return c.book.SQL("two_phase", store.Values{"id": newUUID()})
}

// NotAsShards keeps the history's tables out of a schema that is one shard: they are
// local tables of the coordinator.
func (c Cluster) NotAsShards() string {
	if !c.On {
		return ""
	}
	return "SET LOCAL citus.enable_schema_based_sharding = off;\n"
}
