package script

import (
	"crypto/sha256"
	"hash"
	"io"
	"sync"
)

const (
	// window is the size of a source's buffer as long as statements are small;
	// first is what it starts with, which most files do not outgrow.
	window = 2 * chunk
	first  = 8 << 10
	// minRead is the least room worth a Read.
	minRead = 4 << 10
	// hoard is the size beyond which the buffer of a big statement is let go
	// once that statement is done.
	hoard = 1 << 20
)

// source holds the part of the folded file that the splitter works on: from
// the end of the last statement to as far as it has been read. Every byte is
// read, summed and checked once.
type source struct {
	r     io.Reader
	buf   []byte
	start int   // where the held part starts in buf
	base  int64 // its offset in the folded file
	sum   hash.Hash
	check encoding
	moved int64 // how many bytes makeRoom has copied
	err   error // what ended the reading; io.EOF is the good end
}

func newSource(r io.Reader) source {
	return source{
		r:     newFolder(r),
		buf:   (*buffers.Get().(*[]byte))[:0],
		sum:   sha256.New(),
		check: newEncoding(),
	}
}

// buffers go from file to file: without, those of a directory would be most of
// what rung allocates when there is nothing to do.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, first); return &b }}

// release hands the buffer on, unless it has grown big. The source is of no
// use after it.
func (s *source) release() {
	if b := s.buf; cap(b) <= window {
		buffers.Put(&b)
	}
	s.buf = nil
}

// held is the text from the end of the last statement on. It is valid until
// the next call of more or drop.
func (s *source) held() []byte { return s.buf[s.start:] }

// more reads on and reports whether held has grown.
func (s *source) more() bool {
	if s.err != nil {
		return false
	}
	s.makeRoom()
	n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
	fresh := s.buf[len(s.buf) : len(s.buf)+n]
	s.buf = s.buf[:len(s.buf)+n]
	s.sum.Write(fresh)
	s.check.write(fresh)
	if s.err = err; s.check.hopeless() {
		s.err = io.EOF
	}
	return n > 0
}

// drop forgets the first n bytes of what is held.
func (s *source) drop(n int) {
	s.start += n
	s.base += int64(n)
}

// makeRoom moves what is held to the front of the buffer, or to a bigger one.
// It moves no more bytes than are read before the next move, and so keeps the
// whole linear, even when the reader gives one byte at a time.
func (s *source) makeRoom() {
	if cap(s.buf)-len(s.buf) >= minRead {
		return
	}
	live := s.held()
	switch {
	case cap(s.buf) < window && s.base > 0, cap(s.buf) > hoard && len(live) <= window/2:
		s.buf = append(make([]byte, 0, window), live...)
	case len(live) <= cap(s.buf)/2:
		s.buf = s.buf[:copy(s.buf, live)]
	default:
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), live...)
	}
	s.start = 0
	s.moved += int64(len(s.buf))
}
