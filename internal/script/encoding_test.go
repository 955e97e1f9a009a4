package script

import (
	"io"
	"strings"
	"testing"
)

// endless gives the same byte for ever, and counts.
type endless struct {
	b     byte
	given int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.b
	}
	e.given += len(p)
	return len(p), nil
}

// What is no text is not read to its end, which may be far: a few lines more of
// a text that has a wrong byte are.
func TestSplitGivesUp(t *testing.T) {
	for name, b := range map[string]byte{"NULs": 0, "broken UTF-8": 0xff} {
		r := &endless{b: b}
		f, err := Split(r)
		if err != nil || len(f.Problems) != 1 || f.Problems[0].Pos != (Pos{1, 1}) {
			t.Errorf("%s: %v, %v", name, f.Problems, err)
		}
		if r.given > 4*patience {
			t.Errorf("%s: read %d bytes", name, r.given)
		}
	}
	late := io.MultiReader(strings.NewReader("SELECT '\xe9';\n\\i x\nSELECT 'open"), strings.NewReader(strings.Repeat(" ", patience/2)))
	if f, err := Split(late); err != nil || len(f.Problems) != 3 {
		t.Errorf("a long line below: %v, %v", f.Problems, err)
	}
}

// The memory stays flat over the part that is read of COPY data with wrong bytes.
func TestSplitGivesUpOverCopyData(t *testing.T) {
	s := shape{"COPY t FROM STDIN;\n", strings.Repeat("caf\xe9\n", 256), "\n\\.\nSELECT 1;\n"}
	var f *File
	atMost(t, 2<<20, func() { f, _ = Split(s.reader(20 << 20)) })
	if len(f.Problems) != 21 || f.Problems[0].Pos != (Pos{2, 4}) {
		t.Errorf("%d problems, %v", len(f.Problems), f.Problems[0])
	}
}
