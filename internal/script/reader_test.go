package script

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const twoBlocks = "\ufeffCOPY a FROM STDIN;\r\n1\r\n2\r\n\\.\r\nSELECT 1;\nCOPY b FROM STDIN;\n3\r4\n\\.\nCOPY c FROM STDIN;\n\\.\n"

func TestDataReaderReadsBlocksInOrder(t *testing.T) {
	f := mustSplit(t, twoBlocks)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"at once":        func(r io.Reader) io.Reader { return r },
		"byte by byte":   iotest.OneByteReader,
		"data with EOF":  iotest.DataErrReader,
		"half as wanted": iotest.HalfReader,
	} {
		t.Run(name, func(t *testing.T) {
			r := OpenData(wrap(strings.NewReader(twoBlocks)))
			expectBlock(t, r, f.Statements[0].Data, "1\n2\n")
			expectBlock(t, r, f.Statements[2].Data, "3\r4\n")
			expectBlock(t, r, f.Statements[3].Data, "")
		})
	}
}

func TestDataReaderPassesOverBlocks(t *testing.T) {
	f := mustSplit(t, twoBlocks)
	r := OpenData(strings.NewReader(twoBlocks))
	half := r.Block(f.Statements[0].Data)
	if _, err := half.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	expectBlock(t, r, f.Statements[2].Data, "3\r4\n")
	if _, err := half.Read(make([]byte, 1)); err == nil {
		t.Error("a block that was passed over can still be read")
	}
	if _, err := r.Block(f.Statements[0].Data).Read(make([]byte, 1)); err == nil {
		t.Error("the reader went backwards")
	}
}

func TestDataReaderFillsTheBuffer(t *testing.T) {
	rows := strings.Repeat("some row\r\n", 50_000)
	sql := "COPY t FROM STDIN;\n" + rows + "\\.\n"
	f := mustSplit(t, sql)
	block := OpenData(strings.NewReader(sql)).Block(f.Statements[0].Data)
	buf := make([]byte, 64<<10)
	for left := f.Statements[0].Data.Size; left > 0; {
		n, err := block.Read(buf)
		if err != nil || int64(n) != min(left, int64(len(buf))) {
			t.Fatalf("read %d of %d bytes: %v", n, left, err)
		}
		left -= int64(n)
	}
	if n, err := block.Read(buf); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
}

func TestDataReaderSeesAChangedFile(t *testing.T) {
	const before = "SELECT 1;\nCOPY t FROM STDIN;\n1\n2\n\\.\n"
	d := mustSplit(t, before).Statements[1].Data
	for name, after := range map[string]string{
		"a row differs":         "SELECT 1;\nCOPY t FROM STDIN;\n1\n3\n\\.\n",
		"a row more":            "SELECT 1;\nCOPY t FROM STDIN;\n1\n2\n3\n\\.\n",
		"a row less":            "SELECT 1;\nCOPY t FROM STDIN;\n1\n\\.\n",
		"moved":                 "SELECT 11;\nCOPY t FROM STDIN;\n1\n2\n\\.\n",
		"cut within the data":   "SELECT 1;\nCOPY t FROM STDIN;\n1\n",
		"cut before the data":   "SELECT 1;\n",
		"cut after the data":    "SELECT 1;\nCOPY t FROM STDIN;\n1\n2\n",
		"cut in the terminator": "SELECT 1;\nCOPY t FROM STDIN;\n1\n2\n\\.",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := io.ReadAll(OpenData(strings.NewReader(after)).Block(d))
			if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "line 3") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestReadErrorsComeThrough(t *testing.T) {
	broken := errors.New("the disk is gone")
	withError := func(sql string) io.Reader { return io.MultiReader(strings.NewReader(sql), iotest.ErrReader(broken)) }
	for _, sql := range []string{"", "SELECT", "SELECT 'a", "SELECT 1;\r", "COPY t FROM STDIN;\n1\n", "-- x"} {
		if f, err := Split(withError(sql)); !errors.Is(err, broken) || f != nil {
			t.Errorf("%q: %v, %v", sql, f, err)
		}
	}
	d := mustSplit(t, twoBlocks).Statements[0].Data
	if _, err := io.ReadAll(OpenData(withError("COPY")).Block(d)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestAReaderThatStallsIsGivenUp(t *testing.T) {
	if _, err := Split(stalled{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
}

type stalled struct{}

func (stalled) Read([]byte) (int, error) { return 0, nil }

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"\xef\xbb":                "\xef\xbb",
		"\xef\xbb\xbf":            "",
		"\ufeff\ufeffa":           "\ufeffa",
		"\r\n":                    "\n",
		"\r":                      "\r",
		"a\r\nb\rc\nd\r\r\ne\r\r": "a\nb\rc\nd\r\ne\r\r",
		"a\r\n\r\n\r\nb\r\n":      "a\n\n\nb\n",
	} {
		for size := 1; size < 6; size++ {
			if got := foldInto(t, in, size); got != want {
				t.Errorf("%q read by %d becomes %q, not %q", in, size, got, want)
			}
		}
	}
}

func foldInto(t *testing.T, in string, size int) string {
	t.Helper()
	f := newFolder(iotest.OneByteReader(strings.NewReader(in)))
	var out bytes.Buffer
	for p := make([]byte, size); ; {
		n, err := f.Read(p)
		out.Write(p[:n])
		if err == io.EOF {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func expectBlock(t *testing.T, r *DataReader, d *Data, want string) {
	t.Helper()
	if got, err := io.ReadAll(r.Block(d)); err != nil || string(got) != want {
		t.Errorf("got %q, %v, not %q", got, err, want)
	}
}
