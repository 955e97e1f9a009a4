package main

import (
	"fmt"
	"time"

	"rung/internal/pgtest/proxy"
	"rung/internal/sandbox"
)

// delay is what the link adds to each round trip.
const delay = 20 * time.Millisecond

// A link leads to the server as if that were some hundred kilometres away, and
// counts how often a client waits for it.
type link struct {
	*proxy.Proxy
	server *sandbox.Server
}

func newLink(pg *sandbox.Server) (*link, error) {
	p, err := proxy.New(pg.URL(""))
	if err != nil {
		return nil, fmt.Errorf("start the proxy: %w", err)
	}
	p.SetDelay(delay)
	return &link{p, pg}, nil
}

// url is the address of a database through the link.
func (l *link) url(db string) (string, error) {
	return l.Proxy.URL(l.server.URL(db))
}
