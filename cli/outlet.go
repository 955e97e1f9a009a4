package cli

import (
	"errors"
	"io"
	"syscall"

	"rung/runner"
)

// outlet is stdout. It remembers the first error, so that a result that got lost
// is not called a success. A reader that has gone, as head does when it has seen
// enough, is none.
type outlet struct {
	w   io.Writer
	err error
}

func (o *outlet) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// lost is the error of a command that ended with err, or else that its result
// could not be written.
func (o *outlet) lost(err error) error {
	if o.err == nil || err != nil && !errors.Is(err, o.err) {
		return err
	}
	return &runner.HintedError{Err: writeError("the result to stdout", o.err), Hint: "what the command did is not undone"}
}
