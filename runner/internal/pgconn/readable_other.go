//go:build !unix

package pgconn

// Readable would tell without asking the server; here the heartbeat does.
func (s *Session) Readable() bool { return false }
