package script

import "bytes"

// words keeps one copy of each word, for a dump says INSERT INTO a million
// times, and hands out the room for the lists of them.
type words struct {
	known map[string]string
	room  []string
	lists int // for how many the room was made
}

// manyWords is where words stops to learn new ones.
const manyWords = 10_000

// list is an empty list with room for MaxWords; what is not used of it goes to
// the next one, after taken.
func (w *words) list() []string {
	if cap(w.room) < MaxWords {
		w.lists = min(max(2*w.lists, 1), 16) // few at first: most files hold a statement or two
		w.room = make([]string, 0, w.lists*MaxWords)
	}
	return w.room
}

func (w *words) taken(list []string) []string {
	n := len(list)
	w.room = w.room[n:n:cap(w.room)]
	return list[:n:n]
}

// upper is the word in upper case; only ASCII letters change, as in
// downcase_identifier of src/backend/parser/scansup.c.
func (w *words) upper(text []byte) string {
	var room [64]byte
	up := append(room[:0], text...)
	for i, c := range up {
		if 'a' <= c && c <= 'z' {
			up[i] = c - 0x20
		}
	}
	return w.keep(up)
}

func (w *words) keep(text []byte) string {
	if known, ok := w.known[string(text)]; ok {
		return known
	}
	s := string(text)
	if len(w.known) < manyWords {
		w.known[s] = s
	}
	return s
}

// is compares a token with a keyword in upper case.
func is(text []byte, keyword string) bool {
	return len(text) == len(keyword) && bytes.EqualFold(text, []byte(keyword))
}

// param is the bit of the parameter $n, or 0 for any other token.
func param(text []byte) uint64 {
	if len(text) < 2 || text[0] != '$' {
		return 0
	}
	n := 0
	for _, c := range text[1:] {
		if c < '0' || c > '9' || n > 63 {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return 1 << n // 0 for n > 63
}
