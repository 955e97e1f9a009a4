package runner

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
)

// counted is a program's connector, as one that has a password anew for each connection.
type counted struct {
	driver.Connector
	opened *atomic.Int32
	err    error
}

func (c counted) Connect(ctx context.Context) (driver.Conn, error) {
	if c.err != nil {
		return nil, c.err
	}
	c.opened.Add(1)
	return c.Connector.Connect(ctx)
}

// otherConn is a connection of another driver.
type otherConn struct{ driver.Conn }

func (otherConn) Close() error { return nil }

type otherDriver struct{ driver.Connector }

func (otherDriver) Connect(context.Context) (driver.Conn, error) { return otherConn{}, nil }

func TestConnector(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	connector, err := pq.NewConnector(url)
	must(t, err)
	own := counted{connector, &atomic.Int32{}, nil}
	by := func(c driver.Connector) func(*Config) {
		return func(cfg *Config) { cfg.URL, cfg.Conn, cfg.Connector = "", pq.Config{}, c }
	}
	h := &hearing{}
	f := counting("rows=50 workers=2").with(pairs{"2_more.up.sql": "CREATE TABLE more (id int);\n"})
	up(t, url, f, h.listen, by(own))
	everyOne(t, url)
	is(t, url, "SELECT count(*) FROM more", "0")
	if n := own.opened.Load(); n < 3 { // the first worker's, the lock's, the second worker's
		t.Errorf("%d connections", n)
	}
	started := heard[RunStarted](h)
	want := pgtest.QueryString(t, url, "SELECT concat_ws('|', current_database(), session_user, host(inet_server_addr()) || ':' || inet_server_port())")
	if len(started) != 1 || started[0].Database+"|"+started[0].User+"|"+started[0].Server != want {
		t.Errorf("%+v, want %s", started, want)
	}
	for says, c := range map[string]driver.Connector{
		"connect to the program's own connector: no password today":                   counted{err: errors.New("no password today")},
		"the connector opens runner.otherConn, not a connection of github.com/lib/pq": otherDriver{connector},
	} {
		_, err := testRunner(t, url, load(t, f), by(c)).Up(testContext(t), UpRequest{})
		if unreachable := (*UnreachableError)(nil); !errors.As(err, &unreachable) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}
