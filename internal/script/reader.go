package script

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// ErrChanged says that the file is no longer the one that was split.
var ErrChanged = errors.New("the file has changed since it was read")

// DataReader reads the COPY data of a file that Split has read before, on a
// new reader of the same file. It goes forward only, folds as Split did, and
// holds no more than a small buffer.
//
//	data := script.OpenData(file)
//	for _, st := range statements {
//		if st.Data != nil {
//			_, err := io.CopyBuffer(sink, data.Block(st.Data), make([]byte, 64<<10))
//		}
//	}
type DataReader struct {
	r   *folder
	at  int64 // offset in the folded file
	cur *Block
}

// OpenData starts at the beginning of the file.
func OpenData(r io.Reader) *DataReader { return &DataReader{r: newFolder(r)} }

// Block returns a reader of the data d. Blocks are read in the order of the
// file; those that are not asked for, and the rest of one that was not read to
// its end, are passed over. The Block before is of no use any more.
func (r *DataReader) Block(d *Data) *Block {
	r.cur = &Block{r: r, d: d, left: d.Size, sum: sha256.New()}
	return r.cur
}

// Block reads one data block.
//
// Its end comes in one of two ways: io.EOF says that the bytes read are those
// that Split saw, an error that wraps ErrChanged that they are not. By then
// they have been handed out, so the caller must not commit what it made of
// them before it has seen io.EOF.
type Block struct {
	r    *DataReader
	d    *Data
	left int64
	sum  hash.Hash
	open bool
	err  error
}

// Read fills p, except at the end of the block. It does not care for lines,
// and neither does COPY.
func (b *Block) Read(p []byte) (n int, err error) {
	if b.err == nil && b.r.cur != b {
		b.err = errors.New("a later block has been opened")
	}
	if b.err == nil && !b.open {
		b.open = true
		b.err = b.r.forward(b.d)
	}
	if b.err == nil && b.left == 0 {
		b.err = b.verify()
	}
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	n, b.err = io.ReadFull(b.r.r, p[:min(int64(len(p)), b.left)])
	b.r.at += int64(n)
	b.left -= int64(n)
	b.sum.Write(p[:n])
	b.err = b.d.changed(b.err)
	return n, b.err
}

// forward passes over what lies before d.
func (r *DataReader) forward(d *Data) error {
	if d.Offset < r.at {
		return fmt.Errorf("the data at line %d lies before what has been read", d.Line)
	}
	n, err := io.CopyN(io.Discard, r.r, d.Offset-r.at)
	r.at += n
	return d.changed(err)
}

// verify returns io.EOF if the block is the one that Split saw, and ends
// where it did.
func (b *Block) verify() error {
	end := make([]byte, b.d.Terminator)
	n, err := io.ReadFull(b.r.r, end)
	b.r.at += int64(n)
	if err != nil {
		return b.d.changed(err)
	}
	want := "\\.\n"[:b.d.Terminator]
	if hex.EncodeToString(b.sum.Sum(nil)) != b.d.Checksum || string(end) != want {
		return b.d.changed(io.ErrUnexpectedEOF)
	}
	return io.EOF
}

// changed turns an end of the file where there was none into ErrChanged.
func (d *Data) changed(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("the COPY data at line %d: %w", d.Line, ErrChanged)
	}
	return err
}
