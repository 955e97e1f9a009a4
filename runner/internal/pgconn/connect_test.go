package pgconn

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
)

// A wait that the context's deadline ends says why the server was not reached.
func TestConnectWaitingToTheDeadline(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := pq.NewConfig("postgres://" + l.Addr().String() + "/d?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err = ConnectWaiting(ctx, Target{Config: cfg}, time.Hour, func(error, time.Duration) { cancel(context.DeadlineExceeded) })
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "connection refused") {
		t.Error(err)
	}
}
