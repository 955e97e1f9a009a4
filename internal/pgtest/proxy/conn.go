package proxy

import (
	"bufio"
	"net"
	"sync"
)

// conn is one client's connection, and ours to the server for it.
type conn struct {
	proxy  *Proxy
	number int
	client *net.TCPConn
	server *net.TCPConn
	up     *flow
	down   *flow

	cutOnce   sync.Once
	deafOnce  sync.Once
	cutting   chan struct{} // closed when nothing more is to be forwarded
	abortOnce sync.Once
	aborted   chan struct{} // closed when the sockets are

	mu      sync.Mutex
	asking  bool // the client has sent something since the server last did
	sslByte bool // the server's next byte answers a request for SSL or GSS
	opaque  bool // that answer was yes: from here on we understand nothing
}

func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	c := &conn{
		proxy: p, client: client.(*net.TCPConn), server: server.(*net.TCPConn),
		cutting: make(chan struct{}), aborted: make(chan struct{}),
	}
	c.up = &flow{
		conn: c, from: c.client, to: c.server, line: newLine(),
		read: c.clientReader(), hook: func() Hook { return p.onClient },
	}
	c.down = &flow{
		conn: c, from: c.server, to: c.client, line: newLine(),
		read: c.readServer, hook: func() Hook { return p.onServer },
	}
	if !p.add(c) {
		c.abort() // the pumps then end at once
	}
	var pumps sync.WaitGroup
	for _, f := range []*flow{c.up, c.down} {
		pumps.Go(f.fill)
		pumps.Go(f.drain)
	}
	pumps.Wait()
	c.abort()
	p.remove(c)
}

// cut ends the connection in such a way that what has been written arrives.
// Towards the server only our half is closed, and what it still sends is read
// and thrown away: closing all of it would make the kernel answer with a reset,
// at which the server's kernel forgets what the server has not yet read.
func (c *conn) cut() {
	c.cutOnce.Do(func() {
		c.deafen()
		_ = c.client.Close()
		_ = c.server.CloseWrite()
	})
}

// deafen ends the forwarding. An answer that came between a last message and the cut
// would meet a closed client, and abort the connection under the server.
func (c *conn) deafen() { c.deafOnce.Do(func() { close(c.cutting) }) }

// abort ends the connection at once; what is under way is lost.
func (c *conn) abort() {
	c.abortOnce.Do(func() {
		close(c.aborted)
		_ = c.client.Close()
		_ = c.server.Close()
		c.up.line.close()
		c.down.line.close()
	})
}

// clientReader reads what the client sends: untyped packets to begin with, and
// typed messages from the startup packet on.
func (c *conn) clientReader() func(*bufio.Reader) (Message, error) {
	started := false
	return func(r *bufio.Reader) (Message, error) {
		// After a request for SSL the client waits for the answer. So if that
		// was yes, the server's flow has noted it before this byte comes.
		if _, err := r.Peek(1); err != nil {
			return Message{}, err
		}
		if c.isOpaque() {
			return readSome(r)
		}
		if started {
			return readTyped(r)
		}
		m, code, err := readUntyped(r)
		switch {
		case err != nil:
		case code == sslRequest || code == gssRequest:
			c.expectSSLByte()
		default:
			started = true
		}
		return m, err
	}
}

// readServer reads what the server sends.
func (c *conn) readServer(r *bufio.Reader) (Message, error) {
	head, err := r.Peek(1)
	if err != nil {
		return Message{}, err
	}
	c.mu.Lock()
	opaque, sslByte := c.opaque, c.sslByte
	if sslByte {
		c.sslByte = false
		c.opaque = head[0] == 'S' || head[0] == 'G'
	}
	c.mu.Unlock()
	switch {
	case opaque:
		return readSome(r)
	case sslByte:
		_, err := r.Discard(1)
		return Message{Payload: []byte{head[0]}, raw: []byte{head[0]}}, err
	}
	return readTyped(r)
}

func (c *conn) isOpaque() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opaque
}

func (c *conn) expectSSLByte() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sslByte = true
}
