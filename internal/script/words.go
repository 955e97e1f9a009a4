package script

import "bytes"

// words keeps one copy of each word: a dump says INSERT INTO a million times.
type words map[string]string

// manyWords is where words stops to learn new ones.
const manyWords = 10_000

// upper is the word in upper case; only ASCII letters change, as in
// downcase_identifier of src/backend/parser/scansup.c.
func (w words) upper(text []byte) string {
	var room [64]byte
	up := append(room[:0], text...)
	for i, c := range up {
		if 'a' <= c && c <= 'z' {
			up[i] = c - 0x20
		}
	}
	return w.keep(up)
}

func (w words) keep(text []byte) string {
	if known, ok := w[string(text)]; ok {
		return known
	}
	s := string(text)
	if len(w) < manyWords {
		w[s] = s
	}
	return s
}

// addWord adds a token outside of parentheses to the statement's Words.
func (s *splitter) addWord(k kind, text []byte) {
	c := &s.cur
	if len(c.words) == MaxWords {
		return
	}
	var w string
	switch k {
	case word:
		w = s.names.upper(text)
	case literal:
		w = "'"
	default:
		w = s.names.keep(text)
	}
	c.words = append(c.words, w)
}

// is compares a token with a keyword in upper case.
func is(text []byte, keyword string) bool {
	return len(text) == len(keyword) && bytes.EqualFold(text, []byte(keyword))
}
