package runner

import (
	"strings"

	"rung/internal/citus"
	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
)

// Citus sends many DDL statements to the workers as the whole text of the message that
// they came in (citusdata/citus issue 6608): there, one statement is a message of its
// own, and the transaction stays open between them. The same goes for a SET LOCAL that
// the workers are to have.

// openOnCluster sends the BEGIN in hand, and after it, each in a message of its own, the
// settings that the shards need: a lock timeout of the coordinator's alone would let a
// statement wait for a row of a shard as long as that is locked. Without Citus it does
// nothing.
func (t *sender) openOnCluster() error {
	if !t.w.cluster.on {
		return nil
	}
	if err := t.flushAny(); err != nil {
		return err
	}
	for _, set := range t.w.clusterLimits(t.script) {
		t.say(set)
		if err := t.flush(); err != nil {
			return err
		}
	}
	t.open = true
	t.say(t.w.book.SQL("keepalives", nil))
	t.mark(pgconn.MarkRecord) // it tells the server process
	return nil
}

// apartOnCluster sends what is in hand, so that statement i comes first in its message.
func (t *sender) apartOnCluster(i int) error {
	if !t.w.cluster.on {
		return nil
	}
	err := t.flushAny()
	t.runs(i)
	return err
}

// statementOnCluster sends one statement of the file by itself. No mark has to tell
// which one runs.
func (t *sender) statementOnCluster(i int) error {
	if err := t.apartOnCluster(i); err != nil {
		return err
	}
	st := &t.script.Parsed.Statements[i]
	if st.Data != nil {
		return t.copy(i)
	}
	t.m.Statement(t.script, i)
	if err := t.flush(); err != nil {
		return err
	}
	if strings.Contains(strings.ToLower(st.Text), "propagate_set_commands") {
		t.say(citus.NotPropagated) // else the bookkeeping would go to the workers, too
		return t.flush()
	}
	return nil
}

// flushAny sends what is in hand, if anything is.
func (t *sender) flushAny() error {
	if t.m.Text.Len() == 0 {
		return nil
	}
	return t.flush()
}

// runs notes which statement the next message is.
func (t *sender) runs(i int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = i
}

// clusterLimits are the settings of a script's transactions that the shards must have
// too.
func (w *worker) clusterLimits(s *files.Script) []string {
	return citus.Propagated("lock_timeout = " + pgtext.Literal(files.Millis(w.lockTimeout(s))))
}
