//go:build !unix

package pgconn

// Stirred would tell without asking the server; here the heartbeat does.
func (s *Session) Stirred() bool { return false }
