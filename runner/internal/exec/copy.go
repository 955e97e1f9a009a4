package exec

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"rung/internal/script"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
)

// copy streams the data block of a COPY … FROM STDIN. The transaction is open.
func (t *Sender) copy(i int) error {
	st := &t.script.Parsed.Statements[i]
	if t.file == nil {
		f, err := t.script.Open()
		if err != nil {
			return fmt.Errorf("read %s: %w", t.script.Path, err)
		}
		t.file, t.data = f, script.OpenData(f)
	}
	m := pgconn.MessageOfCopy(t.script, i)
	block := &fileReader{r: t.data.Block(st.Data)}
	err := t.Run(m, func() error {
		defer t.x.Conn.Guard(t.ctx)()
		defer context.AfterFunc(t.ctx, t.x.Monitor.Cancel)() // the driver does not, while COPY ends
		return t.x.Conn.Raw(func(c driver.Conn) error {
			stmt, err := c.Prepare(st.Text[st.Lead:])
			if err != nil {
				return err
			}
			err = stream(t.ctx, stmt, block)
			if closed := stmt.Close(); err == nil {
				err = closed
			}
			return err
		})
	})
	switch {
	case block.err == nil:
		return err
	case errors.Is(block.err, script.ErrChanged):
		return &files.ChangedError{File: t.script.Path, Err: block.err}
	}
	return fmt.Errorf("read %s: %w", t.script.Path, block.err)
}

// fileReader keeps the error of the file apart from those of the connection.
type fileReader struct {
	r   io.Reader
	err error
}

func (f *fileReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// stream feeds a block of whole lines to the server. The driver ends each
// piece that it is given with a newline, so the last one is left off. An empty
// Exec ends the block.
func stream(ctx context.Context, stmt driver.Stmt, block io.Reader) error {
	in, ok := stmt.(interface {
		CopyData(ctx context.Context, line string) (driver.Result, error)
	})
	if !ok {
		return errors.New("the driver cannot stream COPY data")
	}
	buf, held := make([]byte, CopyChunk), 0
	for {
		n, err := block.Read(buf[held:])
		held += n
		if end := bytes.LastIndexByte(buf[:held], '\n'); end >= 0 {
			if _, err := in.CopyData(ctx, string(buf[:end])); err != nil {
				return err
			}
			held = copy(buf, buf[end+1:held])
		}
		if held == len(buf) { // a line longer than the buffer
			buf = append(buf, make([]byte, len(buf))...)
		}
		if err == io.EOF {
			_, err = stmt.Exec(nil) //nolint:staticcheck // lib/pq's COPY has no ExecContext
			return err
		}
		if err != nil {
			return err
		}
	}
}

// CopyStatement runs statement i of a script, a COPY … FROM STDIN, with its data block.
func CopyStatement(ctx context.Context, s *files.Script, c driver.Conn, i int) error {
	st := &s.Parsed.Statements[i]
	file, err := s.Open()
	if err != nil {
		return fmt.Errorf("read %s: %w", s.Path, err)
	}
	defer file.Close()
	prepared, err := c.Prepare(st.Text[st.Lead:])
	if err != nil {
		return err
	}
	err = stream(ctx, prepared, script.OpenData(file).Block(st.Data))
	if closed := prepared.Close(); err == nil {
		err = closed
	}
	return err
}

// CopyChunk is how much of a COPY block is in memory at a time, unless a line
// is longer.
const CopyChunk = 64 << 10
