package show

import (
	"errors"
	"io"
	"syscall"
)

// Outlet is stdout. It remembers the first error, so that a result that got lost
// is not called a success. A reader that has gone, as head does when it has seen
// enough, is none.
type Outlet struct {
	W   io.Writer
	Err error
}

// NewOutlet is w as an outlet.
func NewOutlet(w io.Writer) *Outlet { return &Outlet{W: w} }

// Write implements io.Writer.
func (o *Outlet) Write(p []byte) (int, error) {
	n, err := o.W.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	if err != nil && o.Err == nil {
		o.Err = err
	}
	return n, err
}
