package proxy

import "strings"

// Moment is a point in the life of a statement.
type Moment int

const (
	// BeforeStatement loses the statement: the server never sees it.
	BeforeStatement Moment = iota
	// AfterStatement lets the statement arrive; while the server runs it, the
	// client is already cut off.
	AfterStatement
	// UnderWay cuts the client off while the statement is still on its way.
	UnderWay
	// BeforeAnswer lets the server run the statement to its end, and loses the
	// answer: the client cannot know whether it was run.
	BeforeAnswer
)

// CutAt cuts off, once, the first connection that sends a statement (a Query or
// Parse message) that contains text, at that moment. The channel is closed when
// it has happened. It takes the place of both hooks.
func (p *Proxy) CutAt(text string, at Moment) <-chan struct{} {
	done := make(chan struct{})
	armed := 0 // the connection whose answer is to be lost
	over := false
	strike := func(a Action) Action {
		over = true
		close(done)
		return a
	}
	p.OnClientMessage(func(m Message) Action {
		if over || armed != 0 || !strings.Contains(m.SQL(), text) {
			return Forward
		}
		switch at {
		case BeforeStatement:
			return strike(Cut)
		case AfterStatement:
			return strike(CutAfter)
		case UnderWay:
			return strike(CutAhead)
		}
		armed = m.Conn
		return Forward
	})
	p.OnServerMessage(func(m Message) Action {
		if over || m.Conn != armed {
			return Forward
		}
		switch m.Type {
		case 'Z': // ReadyForQuery: the answer is complete
			return strike(Cut)
		case 'C', 'I': // CommandComplete, EmptyQueryResponse
			return Drop
		}
		return Forward // it may wait for a CopyInResponse or want to see notices
	})
	return done
}
