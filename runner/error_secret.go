package runner

import (
	"github.com/lib/pq"
)

// hide takes out of an error what the file keeps secret. What the server adds to
// its message has the values of rows and parts of statements in it.
func (e *StatementError) hide(s *Script) {
	if !s.Secret {
		return
	}
	if p := pq.As(e.Err); p != nil {
		hidden := *p
		hidden.Message = s.Shown(p.Message)
		hidden.Detail, hidden.Hint, hidden.Where, hidden.InternalQuery = "", "", "", ""
		e.Err = &hidden
	}
}
