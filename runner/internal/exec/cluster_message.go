package exec

import (
	"strings"

	"rung/internal/citus"
	"rung/runner/internal/pgconn"
)

// Citus sends many DDL statements to the workers as the whole text of the message that
// they came in (citusdata/citus issue 6608): there, one statement is a message of its
// own, and the transaction stays open between them. The same goes for a SET LOCAL that
// the workers are to have.

// OpenOnCluster sends the BEGIN in hand, and after it, each in a message of its own, the
// settings that the shards need: a lock timeout of the coordinator's alone would let a
// statement wait for a row of a shard as long as that is locked. Without Citus it does
// nothing.
func (t *Sender) OpenOnCluster() error {
	if !t.x.Cluster.On {
		return nil
	}
	if err := t.flushAny(); err != nil {
		return err
	}
	for _, set := range t.x.Limits.Propagated(t.script) {
		t.Say(set)
		if err := t.Flush(); err != nil {
			return err
		}
	}
	t.open = true
	t.Say(t.x.History.SQL("keepalives", nil))
	t.Mark(pgconn.MarkRecord) // it tells the server process
	return nil
}

// apartOnCluster sends what is in hand, so that statement i comes first in its message.
func (t *Sender) apartOnCluster(i int) error {
	if !t.x.Cluster.On {
		return nil
	}
	err := t.flushAny()
	t.runs(i)
	return err
}

// statementOnCluster sends one statement of the file by itself. No progress notice has to tell
// which one runs.
func (t *Sender) statementOnCluster(i int) error {
	if err := t.apartOnCluster(i); err != nil {
		return err
	}
	st := &t.script.Parsed.Statements[i]
	if st.Data != nil {
		return t.copy(i)
	}
	t.Message.Statement(t.script, i)
	if err := t.Flush(); err != nil {
		return err
	}
	if strings.Contains(strings.ToLower(st.Text), "propagate_set_commands") {
		t.Say(citus.NotPropagated) // else the bookkeeping would go to the workers, too
		return t.Flush()
	}
	return nil
}

// flushAny sends what is in hand, if anything is.
func (t *Sender) flushAny() error {
	if t.Message.Text.Len() == 0 {
		return nil
	}
	return t.Flush()
}

// runs notes which statement the next message is.
func (t *Sender) runs(i int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Last = i
}
