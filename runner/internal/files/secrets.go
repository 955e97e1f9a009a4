package files

import (
	"strings"

	"rung/internal/secret"
)

// A file that says `-- rung:secret` holds what nobody is to read who may not read
// the file. The history tables keep its checksum; what is shown of it has
// asterisks for its constants.

// constants are the values of the file's constants.
func (s *Script) constants() (values []string) {
	for i := range s.Parsed.Statements {
		_, v := secret.Literals(s.Parsed.Statements[i].Text)
		values = append(values, v...)
	}
	return values
}

// Shown is a text of the server's about the file as it may be shown.
func (s *Script) Shown(text string) string {
	if !s.Secret {
		return text
	}
	return secret.Values(text, s.constants())
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
