package script

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func FuzzSplit(f *testing.F) {
	for _, path := range corpus(f) {
		f.Add(mustRead(f, path))
	}
	f.Fuzz(checkInvariants)
}

// The same promises on files that psql, too, has seen.
func TestInvariantsOnRandomFiles(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		checkInvariants(t, randomFile(rnd))
	}
}

// And on one that is longer than any buffer, with a statement that is, too.
func TestInvariantsOnALongFile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	some := func() {
		for range 2000 {
			b.WriteString(randomFile(rnd) + "\n;\n")
		}
	}
	some()
	for _, piece := range []string{"E'é\\''", "$é$ $e$ ", " /* 🐘 */ 1 -- \n", "1, "} {
		b.WriteString("SELECT " + strings.Repeat(piece, hoard/4) + ";\n$é$;\n")
	}
	b.WriteString("COPY t FROM STDIN;\n" + strings.Repeat("é\t🐘\r\n", chunk) + "\\.\n")
	some()
	checkInvariants(t, b.String())
}

// checkInvariants holds Split to what it promises of any input whatever.
func checkInvariants(t *testing.T, input string) {
	f := mustSplit(t, input)
	folded := fold(input)
	if sum := sha256.Sum256([]byte(folded)); f.Size != int64(len(folded)) || f.Checksum != hex.EncodeToString(sum[:]) {
		t.Errorf("size %d, checksum %s", f.Size, f.Checksum)
	}
	pieces := join(t, f, input)
	if !sameButRestrict(pieces, folded) {
		t.Fatalf("the pieces make\n%q, not\n%q", pieces, folded)
	}
	checkPlaces(t, f, pieces)
	checkDirectives(t, f, pieces)
	byByte, err := Split(iotest.OneByteReader(strings.NewReader(input)))
	if err != nil || describe(byByte) != describe(f) {
		t.Errorf("read by the byte: %v\n%s\nelse\n%s", err, describe(byByte), describe(f))
	}
	if len(f.Problems) == 0 && !strings.Contains(folded, "\r\n") {
		checkAgain(t, f, pieces)
	}
}

// fold is what a file is before anything else.
func fold(input string) string {
	return strings.ReplaceAll(strings.TrimPrefix(input, "\ufeff"), "\r\n", "\n")
}

// join puts all pieces together, with the data as the reader gives it.
func join(t *testing.T, f *File, input string) string {
	var b strings.Builder
	data := OpenData(strings.NewReader(input))
	for _, st := range f.Statements {
		b.WriteString(st.Text)
		if st.Data == nil {
			continue
		}
		if int64(b.Len()) != st.Data.Offset {
			t.Errorf("data at %d, said to be at %d", b.Len(), st.Data.Offset)
		}
		n, err := io.Copy(&b, data.Block(st.Data))
		if err != nil || n != st.Data.Size {
			t.Errorf("%d bytes of data instead of %d: %v", n, st.Data.Size, err)
		}
		b.WriteString("\\.\n"[:st.Data.Terminator])
	}
	return b.String() + f.Tail
}

// sameButRestrict compares line by line; \restrict lines may be blanks.
func sameButRestrict(pieces, folded string) bool {
	got, want := strings.Split(pieces, "\n"), strings.Split(folded, "\n")
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		blanks := strings.Repeat(" ", len(want[i]))
		if got[i] != want[i] && (got[i] != blanks || !isRestrict([]byte(want[i]))) {
			return false
		}
	}
	return true
}

// after counts the slow and plain way.
func after(at Pos, text string) Pos {
	for _, c := range text {
		at.Col++
		if c == '\n' {
			at = Pos{at.Line + 1, 1}
		}
	}
	return at
}

func checkPlaces(t *testing.T, f *File, pieces string) {
	at, index := Pos{1, 1}, 0
	take := func(n int) {
		at = after(at, pieces[index:index+n])
		index += n
	}
	for i, st := range f.Statements {
		if first := after(at, st.Text[:st.Lead]); st.Start != at || st.Pos != first {
			t.Errorf("statement %d stands at %v, from %v, not at %v, from %v", i, st.Pos, st.Start, first, at)
		}
		if gap(st.Text[st.Lead:]) != 0 || len(st.Text) == st.Lead {
			t.Errorf("statement %d does not start at its first token: %q", i, st.Text[st.Lead:])
		}
		if len(st.Words) == 0 || len(st.Words) > MaxWords || cap(st.Words) > len(st.Words) {
			t.Errorf("statement %d has %d words, with room for %d", i, len(st.Words), cap(st.Words))
		}
		if !st.Terminated && i < len(f.Statements)-1 {
			t.Errorf("statement %d is not terminated", i)
		}
		take(len(st.Text))
		if d := st.Data; d != nil {
			if d.Line != at.Line {
				t.Errorf("data of statement %d at line %d", i, d.Line)
			}
			take(int(d.Size) + d.Terminator)
		}
	}
	for i, p := range f.Problems {
		if p.What == "" || p.Fix == "" || p.Pos.Line < 1 || p.Pos.Col < 1 || i > 0 && comparePos(f.Problems[i-1].Pos, p.Pos) > 0 {
			t.Errorf("problem %d: %+v", i, p)
		}
	}
}

func checkDirectives(t *testing.T, f *File, pieces string) {
	lines := strings.Split(pieces, "\n")
	above := map[int]int{}
	for i, st := range f.Statements {
		for _, d := range st.Directives {
			above[d] = i
		}
	}
	for i, d := range f.Directives {
		rest := lines[d.Pos.Line-1]
		for range d.Pos.Col - 1 {
			_, n := utf8.DecodeRuneInString(rest)
			rest = rest[n:]
		}
		if !strings.HasPrefix(rest, "-- rung:"+d.Name) {
			t.Errorf("directive %d stands at %v, where it says %q", i, d.Pos, rest)
		}
		st, ok := above[i]
		inLead := !d.Inside && d.Statement < len(f.Statements)
		if ok != inLead || ok && st != d.Statement || d.Statement > len(f.Statements) {
			t.Errorf("directive %d: %+v, above statement %d (%t)", i, d, st, ok)
		}
	}
}

// checkAgain splits each statement by itself: it must stay one.
func checkAgain(t *testing.T, f *File, pieces string) {
	at := 0
	for i, st := range f.Statements {
		size := len(st.Text)
		if st.Data != nil {
			size += int(st.Data.Size) + st.Data.Terminator
		}
		text := pieces[at : at+size]
		at += size
		again := mustSplit(t, text)
		if strings.HasPrefix(text, "\ufeff") {
			continue // this time it is a byte order mark
		}
		if len(again.Statements) != 1 || again.Tail != "" || len(again.Problems) > 0 {
			t.Errorf("statement %d, %q, becomes\n%s", i, text, describe(again))
		} else if got := again.Statements[0]; got.Text != st.Text || got.Lead != st.Lead || len(got.Words) != len(st.Words) {
			t.Errorf("statement %d, %q, becomes\n%s", i, text, describe(again))
		}
	}
}
