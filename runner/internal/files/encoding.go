package files

import (
	"strings"

	"rung/internal/lazyre"
	"rung/internal/script"
)

// A file's text is UTF-8, and standard_conforming_strings is on: so it is split,
// checked and shown. What tells the server otherwise makes other text of it, and
// not even the same text everywhere: a message is read as it stands when it
// comes, whatever a SET within it says.

// badSettings are the problems of the statements that do, and the place of the
// first one that makes strings end elsewhere than they were found to.
func badSettings(f *script.File) (found []script.Problem, misread *script.Pos) {
	for i := range f.Statements {
		st := &f.Statements[i]
		for _, set := range settingsOf(st) {
			switch {
			case set.name == "client_encoding" && !script.IsUTF8(set.value):
				found = append(found, script.Problem{
					Pos:  st.Pos,
					What: "sets client_encoding to " + set.shown() + ", and the file is UTF-8: PostgreSQL would read other characters than stand here",
					Fix:  "write SET client_encoding = 'UTF8', or remove the statement",
				})
			case set.name == "standard_conforming_strings" && set.isOff():
				found = append(found, script.Problem{
					Pos:  st.Pos,
					What: "standard_conforming_strings = off is not supported",
					Fix:  `remove the statement; write strings with backslash escapes as E'…'`,
				})
				if misread == nil {
					misread = &st.Pos
				}
			}
		}
	}
	return found, misread
}

// fileSetting is a setting that a statement gives a value. The value is "" for
// the session's own.
type fileSetting struct{ name, value string }

func (s fileSetting) shown() string {
	if s.value == "" {
		return "the session's own"
	}
	return "'" + s.value + "'"
}

// isOff reads a boolean as PostgreSQL does (parse_bool_with_len in bool.c): of
// a word its start is enough.
func (s fileSetting) isOff() bool {
	v := strings.ToLower(s.value)
	return v == "0" || v != "" && (strings.HasPrefix("false", v) || strings.HasPrefix("no", v)) || v == "of" || v == "off"
}

var (
	mentioned = lazyre.New(`(?i)client_encoding|standard_conforming_strings|\bnames\b`)
	// setNames is SET NAMES, which means client_encoding.
	setNames = lazyre.New(`(?is)^SET\s+(?:SESSION\s+|LOCAL\s+)?NAMES\b\s*(.*)$`)
	setTo    = lazyre.New(`(?is)^SET\s+(?:SESSION\s+|LOCAL\s+)?"?(client_encoding|standard_conforming_strings)"?\s*(?:=|\bTO\b)\s*(.*)$`)
	resetOf  = lazyre.New(`(?is)^RESET\s+"?(client_encoding|standard_conforming_strings)"?\s*;?$`)
	// setConfig is the function, and setWithin a SET in the body of a DO.
	setConfig = lazyre.New(`(?is)\bset_config\s*\(\s*'(client_encoding|standard_conforming_strings)'\s*,\s*'([^']*)'`)
	setWithin = lazyre.New(`(?is)\bSET\s+(?:SESSION\s+|LOCAL\s+)?(client_encoding|standard_conforming_strings)\s*(?:=|\bTO\b)\s*'?([\w-]+)`)
)

// settingsOf are the two settings as far as a statement sets them.
func settingsOf(st *script.Statement) (found []fileSetting) {
	w := Words(st.Words)
	switch w.At(0) {
	case "SET", "RESET", "SELECT", "WITH", "VALUES", "DO", "CALL":
	default:
		return nil // before a look at its text, which is long in the body of a function
	}
	if !mentioned.MatchString(st.Text) {
		return nil
	}
	add := func(name, value string) {
		found = append(found, fileSetting{strings.ToLower(name), value})
	}
	switch w.At(0) {
	case "SET":
		text := st.Bare()
		if m := setNames.FindStringSubmatch(text); m != nil {
			add("client_encoding", settingValue(m[1]))
		} else if m := setTo.FindStringSubmatch(text); m != nil {
			add(m[1], settingValue(m[2]))
		}
	case "RESET":
		if m := resetOf.FindStringSubmatch(st.Bare()); m != nil {
			add(m[1], "")
		}
	case "SELECT", "WITH", "VALUES", "DO", "CALL":
		for _, m := range setConfig.FindAllStringSubmatch(st.Bare(), -1) {
			add(m[1], m[2])
		}
		if w.At(0) == "DO" {
			for _, m := range setWithin.FindAllStringSubmatch(st.Bare(), -1) {
				add(m[1], settingValue(m[2]))
			}
		}
	}
	return found
}

// settingValue is the value behind SET … =, without its quotes, or "" for
// DEFAULT and for none.
func settingValue(text string) string {
	v := strings.Trim(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), ";")), `'"`)
	if strings.EqualFold(v, "DEFAULT") {
		return ""
	}
	return v
}
