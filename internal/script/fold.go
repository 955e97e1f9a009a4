package script

import (
	"bufio"
	"bytes"
	"io"
)

// chunk is how much is read from a file at a time, and about what a COPY
// block of any size costs in memory.
const chunk = 64 << 10

// peeked is what a folder buffers of its own: enough to look a byte ahead. A
// Read of more goes past the buffer.
const peeked = 1 << 10

// folder reads a file the way rung sees it: without a byte order mark, and
// with every CRLF as LF. A CR of its own stays: it may be data.
type folder struct {
	r     *bufio.Reader
	begun bool
}

func newFolder(r io.Reader) *folder {
	return &folder{r: bufio.NewReaderSize(r, peeked)}
}

// Read never returns (0, nil), so that nobody waits for a reader that stalls.
func (f *folder) Read(p []byte) (int, error) {
	if !f.begun {
		f.begun = true
		f.skipBOM()
	}
	for range 100 {
		n, err := f.r.Read(p)
		n = foldLines(p[:n])
		// The LF of a CR at the very end is still unread; it is looked at, not
		// taken, so that p may be as short as the caller likes.
		if n > 0 && p[n-1] == '\r' {
			if next, _ := f.r.Peek(1); len(next) == 1 && next[0] == '\n' {
				n--
			}
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

func (f *folder) skipBOM() {
	const bom = "\xef\xbb\xbf"
	// An error of Peek comes again from the Read that follows.
	if head, _ := f.r.Peek(len(bom)); string(head) == bom {
		_, _ = f.r.Discard(len(bom))
	}
}

// foldLines folds CRLF to LF in place and returns how many bytes are left.
func foldLines(p []byte) int {
	to := bytes.IndexByte(p, '\r')
	if to < 0 {
		return len(p)
	}
	for from := to; from < len(p); {
		next := from + 1
		if next == len(p) || p[next] != '\n' {
			p[to] = '\r'
			to++
		}
		end := len(p)
		if i := bytes.IndexByte(p[next:], '\r'); i >= 0 {
			end = next + i
		}
		to += copy(p[to:], p[next:end])
		from = end
	}
	return to
}

// Fold reads a file as Split does: without a byte order mark, and with every
// CRLF as LF. What it gives is what Checksum and Size speak of.
func Fold(r io.Reader) io.Reader { return newFolder(r) }
