package script

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// repeated is a file made as it is read: a head, a middle many times, a tail.
type repeated struct {
	head, middle, tail string
	times              int
	rest               string
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if r.rest == "" {
			switch {
			case r.head != "":
				r.rest, r.head = r.head, ""
			case r.times > 0:
				r.rest = r.middle
				r.times--
			case r.tail != "":
				r.rest, r.tail = r.tail, ""
			default:
				return n, io.EOF
			}
		}
		c := copy(p[n:], r.rest)
		r.rest = r.rest[c:]
		n += c
	}
	return n, nil
}

// A COPY block of any size, in rows or in one long line, costs a few buffers.
func TestMemoryStaysFlatOverCopyData(t *testing.T) {
	for name, row := range map[string]string{
		"rows":     strings.Repeat("123\tAnna 🐘\t\\N\n", 64),
		"CRLF":     strings.Repeat("123\tAnna 🐘\t\\N\r\n", 64),
		"one line": strings.Repeat("0123456789abcdef", 64),
		"CR only":  strings.Repeat("\r", 1024),
	} {
		t.Run(name, func(t *testing.T) {
			size := 200 << 20
			if name == "CR only" {
				size = 20 << 20 // a slow way, and no less telling
			}
			s := shape{"COPY t FROM STDIN;\n", row, "\n\\.\nSELECT 1;\n"}
			var f *File
			atMost(t, 2<<20, func() { f, _ = Split(s.reader(size)) })
			if len(f.Statements) != 2 || f.Statements[0].Data.Size < int64(size)*9/10 {
				t.Fatalf("%d statements, %+v", len(f.Statements), f.Statements[0].Data)
			}
			atMost(t, 2<<20, func() {
				block := OpenData(s.reader(size)).Block(f.Statements[0].Data)
				if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, block, make([]byte, 64<<10)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// atMost fails if do allocates more, ever, kept or not.
func atMost(t *testing.T, limit uint64, do func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > limit {
		t.Errorf("allocated %d KB, more than %d KB", used>>10, limit>>10)
	}
}

// shape is a head, a middle to repeat, and a tail.
type shape [3]string

func (s shape) reader(size int) io.Reader {
	return &repeated{head: s[0], middle: s[1], times: size / len(s[1]), tail: s[2]}
}

// shapes are what could make a splitter look at the same bytes again and
// again.
var shapes = map[string]shape{
	"statements":              {1: "INSERT INTO users (id, name) VALUES (1, 'Anna');\n"},
	"statements in one line":  {1: "SELECT 1; "},
	"one statement":           {"INSERT INTO t VALUES (0)", "\n, (1, 'it''s', 2.5, \"a\", E'\\n')", ";"},
	"one string":              {"SELECT '", "lorem ipsum dolor\n", "';"},
	"one string, never ended": {"SELECT 1, '", "a; 'b' ", "'"},
	"one comment":             {"/*", "lorem * / ipsum\n", "*/"},
	"nested comments":         {1: "/*"},
	"one dollar quote":        {"SELECT $body$", "$bod $body $$ $b$\n", "$body$;"},
	"dollars":                 {1: "$a$b"},
	"failed dollar quotes":    {1: "$a "},
	"a long tag":              {"$", "a", ""},
	"escapes":                 {"E'", `\'`, "';"},
	"strings not continued":   {1: "'a'\n-- b\n 1 "},
	"continued strings":       {"E'a'", "\n-- b\n'c\\''", ";"},
	"blanks":                  {1: "        "},
	"carriage returns":        {1: "\r"},
	"semicolons":              {1: ";"},
	"parentheses":             {1: "("},
	"parentheses and more":    {"SELECT (", "\n-- rung:x\n1", ""},
	"directives":              {1: "-- rung:x y\n"},
	"typos":                   {1: "--rung:x y\n"},
	"comments in one line":    {1: "/**/"},
	"blanks and comments":     {1: "      --\r"},
	"meta-commands":           {1: "\\i x\n"},
	"meta-commands in a line": {1: "\\i x "},
	"restrict":                {1: "\\restrict x\n"},
	"small copies":            {1: "COPY t FROM STDIN;\n1\n\\.\n"},
	"copy lines with comment": {1: "COPY t FROM STDIN; /* x */ /* y */ -- z\n\\.\n"},
	"broken bytes":            {1: "\xff\n"},
	"elephants":               {1: "SELECT '🐘🐘🐘🐘'; "},
	"operators":               {1: "+"},
	"numbers":                 {1: "1e-"},
	"atomic":                  {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ", "SELECT CASE WHEN a THEN 1 END; ", "END;"},
}

// Whoever reads 4 MB in a way that is not linear is not back before the
// timeout of go test: 4 million squared is hours.
func TestEveryShapeIsReadInLinearTime(t *testing.T) {
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Split(s.reader(4 << 20)); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is moved within the buffer is less than what is read, also for a
// reader that gives little at a time.
func TestBufferMovesAreLinear(t *testing.T) {
	const size = 1 << 20
	for name, s := range shapes {
		for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, func(r io.Reader) io.Reader { return r }} {
			t.Run(name, func(t *testing.T) {
				sp := newSplitter(wrap(s.reader(size)))
				sp.run()
				if sp.src.moved > 2*size {
					t.Errorf("moved %d bytes of %d", sp.src.moved, size)
				}
			})
		}
	}
}

func TestBufferOfABigStatementIsLetGo(t *testing.T) {
	sp := newSplitter(shape{"SELECT '" + strings.Repeat("x", 4*hoard) + "';", "SELECT 1;\n", ""}.reader(4 * hoard))
	sp.run()
	if got := cap(sp.src.buf); got > hoard {
		t.Errorf("the buffer still has %d bytes", got)
	}
}

func BenchmarkSplit(b *testing.B) {
	for name, s := range shapes {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			const size = 16 << 20
			b.SetBytes(size)
			for b.Loop() {
				if _, err := Split(s.reader(size)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
