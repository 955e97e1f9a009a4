package runner

import (
	"strings"

	"github.com/lib/pq"

	"rung/internal/secret"
)

// A file that says `-- rung:secret` holds what nobody is to read who may not read
// the file. The history tables keep its checksum; what is shown of it has
// asterisks for its constants.

// constants are the values of the file's constants.
func (s *Script) constants() (values []string) {
	for i := range s.file.Statements {
		_, v := secret.Literals(s.file.Statements[i].Text)
		values = append(values, v...)
	}
	return values
}

// shown is a text of the server's about the file as it may be shown.
func (s *Script) shown(text string) string {
	if !s.Secret {
		return text
	}
	return secret.Values(text, s.constants())
}

// hide takes out of an error what the file keeps secret. What the server adds to
// its message has the values of rows and parts of statements in it.
func (e *StatementError) hide(s *Script) {
	if !s.Secret {
		return
	}
	if p := pq.As(e.Err); p != nil {
		hidden := *p
		hidden.Message = s.shown(p.Message)
		hidden.Detail, hidden.Hint, hidden.Where, hidden.InternalQuery = "", "", "", ""
		e.Err = &hidden
	}
}

// mask is SQL of the file as it may be shown: without passwords, and of a secret
// file without its constants.
func (s *Script) mask(text string) string {
	if s.Secret {
		text, _ = secret.Literals(text)
	}
	return secret.Mask(text)
}

// maskedData is a line of COPY data as it may be shown.
func (s *Script) maskedData(text string) string {
	if !s.Secret {
		return text
	}
	return strings.Repeat("*", len([]rune(text)))
}
