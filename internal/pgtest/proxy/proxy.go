// Package proxy is a network between a PostgreSQL client and its server that
// misbehaves on demand: slow, cut, silent, refusing, or losing just the message
// that a test is about. It understands PostgreSQL's protocol, version 3, without
// TLS (an encrypted stream passes through, but hooks see it as one).
package proxy

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Action is what a hook decides on a message.
type Action int

const (
	// Forward passes the message on.
	Forward Action = iota
	// Drop loses the message; the connection goes on.
	Drop
	// Cut loses the message and closes the connection on both sides. What was
	// forwarded before still arrives.
	Cut
	// CutAfter passes the message on and closes the connection on both sides.
	CutAfter
	// CutAhead closes the client's side at once. The message arrives half a second
	// later, and then the server's side is closed.
	CutAhead
)

// Hook sees each message before it is forwarded. Hooks run one at a time, for
// all connections of a proxy; while one runs, the connection it is called for
// waits. It may call the proxy's methods, except those that set hooks.
type Hook func(Message) Action

// Proxy listens on a loopback port and connects each client to the server.
type Proxy struct {
	target string
	addr   string

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	conns    map[*conn]bool
	delay    time.Duration
	gate     chan struct{} // not nil during a blackhole, and closed at its end
	stats    Stats
	numbers  int // connections numbered so far
	closed   bool
	serving  sync.WaitGroup

	hookMu   sync.Mutex
	onClient Hook
	onServer Hook
}

// Stats counts what went through.
type Stats struct {
	// Conns is the number of connections accepted.
	Conns int
	// RoundTrips is how often, over all connections, an answer of the server
	// followed something that the client had sent: how often a client that
	// waits for its answers has waited.
	RoundTrips int
}

// New starts a proxy to a server, given as host:port or as a postgres:// URL.
func New(target string) (*Proxy, error) {
	target, err := hostPort(target)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{target: target, addr: l.Addr().String(), conns: map[*conn]bool{}}
	p.listen(l)
	return p, nil
}

func hostPort(target string) (string, error) {
	if strings.Contains(target, "://") {
		u, err := url.Parse(target)
		if err != nil {
			return "", errors.New("proxy target: not a URL") // err would show the password
		}
		target = u.Host
	}
	if _, _, err := net.SplitHostPort(target); err != nil {
		return "", fmt.Errorf("proxy target: %w", err)
	}
	return target, nil
}

// Addr is the host:port to connect to.
func (p *Proxy) Addr() string { return p.addr }

// URL is the address of a database of the server, rewritten to lead through the
// proxy.
func (p *Proxy) URL(serverURL string) (string, error) {
	u, err := url.Parse(serverURL)
	if err != nil {
		return "", err
	}
	u.Host = p.addr
	return u.String(), nil
}

// SetDelay makes the network slow: a message and its answer take d longer than
// they would, half of it in each direction. It is a delay line: many messages
// can be under way at a time. Opening a connection is not delayed, as its
// handshake is the kernel's, but all that is said over it is.
func (p *Proxy) SetDelay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// OnClientMessage sets the hook for what clients send; nil removes it.
func (p *Proxy) OnClientMessage(h Hook) {
	p.hookMu.Lock()
	defer p.hookMu.Unlock()
	p.onClient = h
}

// OnServerMessage sets the hook for what the server sends; nil removes it.
func (p *Proxy) OnServerMessage(h Hook) {
	p.hookMu.Lock()
	defer p.hookMu.Unlock()
	p.onServer = h
}

// CutAll closes all connections that are open now. It says how many that were.
func (p *Proxy) CutAll() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.abort()
	}
	return len(p.conns)
}

// Blackhole makes the network silent: nothing arrives in either direction, and
// nobody is told. When it ends, what was sent meanwhile arrives.
func (p *Proxy) Blackhole(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case on && p.gate == nil:
		p.gate = make(chan struct{})
	case !on && p.gate != nil:
		close(p.gate)
		p.gate = nil
	}
}

// Refuse makes new connections fail as they do where no server runs. Those that
// are open stay.
func (p *Proxy) Refuse(on bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case on && p.listener != nil:
		err := p.listener.Close()
		p.listener = nil
		return err
	case !on && p.listener == nil && !p.closed:
		l, err := net.Listen("tcp", p.addr)
		if err != nil {
			return err
		}
		p.listen(l)
	}
	return nil
}

// Stats returns the counts since the start, or since ResetStats.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// ResetStats starts to count anew.
func (p *Proxy) ResetStats() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats = Stats{}
}

// Close cuts all connections and stops listening.
func (p *Proxy) Close() error {
	p.Blackhole(false)
	err := p.Refuse(true)
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.CutAll()
	p.serving.Wait()
	return err
}

func (p *Proxy) listen(l net.Listener) {
	p.listener = l
	p.serving.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed by Refuse
			}
			p.serving.Go(func() { p.serve(client) })
		}
	})
}

// add says false where the proxy is closed.
func (p *Proxy) add(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Conns++
	p.numbers++
	c.number = p.numbers
	p.conns[c] = true
	return !p.closed
}

func (p *Proxy) remove(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

func (p *Proxy) countRoundTrip() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.RoundTrips++
}

// due is when a message that comes in now may go out.
func (p *Proxy) due() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.delay == 0 {
		return time.Time{}
	}
	return time.Now().Add(p.delay / 2)
}

// blackhole is what to wait for before anything goes out; nil for nothing.
func (p *Proxy) blackhole() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gate
}
