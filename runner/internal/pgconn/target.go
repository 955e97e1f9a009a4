package pgconn

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/lib/pq"
)

// Target is where sessions are opened: an address, or what a program opens them with.
type Target struct {
	pq.Config
	// Connector is used in place of the address where it is not nil.
	Connector driver.Connector
}

// String names the server for messages. It never holds the password.
func (t Target) String() string {
	if t.Connector != nil {
		return "the program's own connector"
	}
	host := t.Host
	if t.Hostaddr.IsValid() {
		host = t.Hostaddr.String()
	}
	return fmt.Sprintf("%s:%d/%s as %s", host, t.Port, t.Database, t.User)
}

// connector is what opens the session.
func (t Target) connector(s *Session) (driver.Connector, error) {
	if t.Connector != nil {
		return lent{t.Connector}, nil
	}
	c, err := pq.NewConnectorConfig(t.Config)
	if err == nil {
		c.Dialer(s)
	}
	return c, err
}

// lent is a program's connector.
type lent struct{ driver.Connector }

// Connect refuses the connections of other drivers: progress notices come through lib/pq's.
func (l lent) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := l.Connector.Connect(ctx)
	if is := fmt.Sprintf("%T", c); err == nil && is != "*pq.conn" {
		c.Close()
		return nil, fmt.Errorf("the connector opens %s, not a connection of github.com/lib/pq", is)
	}
	return c, err
}

// askNames asks the server what an address would have said.
func (s *Session) askNames(ctx context.Context) error {
	return s.Query(ctx, "SELECT pg_catalog.current_database(), session_user, coalesce(pg_catalog.host(pg_catalog.inet_server_addr()) || ':' || pg_catalog.inet_server_port(), 'a local socket')",
		func(rows *sql.Rows) error { return rows.Scan(&s.Database, &s.User, &s.Server) })
}
