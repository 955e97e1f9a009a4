//go:build unix

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rivo/uniseg"

	"rung/cli/internal/events"
	"rung/internal/pgtest"
	"rung/runner"
)

// screen is a terminal that takes in what is written to it: as much of one as
// rung uses.
type screen struct {
	mu       sync.Mutex
	columns  int
	rows     []string
	row, col int
	drawn    []string // each line that was drawn and not ended, as it stood
}

// write takes in text and the few control sequences of live.
func (s *screen) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for g := uniseg.NewGraphemes(text); g.Next(); {
		switch c := g.Str(); {
		case c == "\r\n":
			s.col = 0
			s.down()
		case c == "\r":
			if s.col > 0 {
				s.drawn = append(s.drawn, s.rows[s.row])
			}
			s.col = 0
		case c == "\n":
			s.down()
		case c == "\x1b":
			s.control(g)
		default:
			s.put(c, g.Width())
		}
	}
}

func (s *screen) control(g *uniseg.Graphemes) {
	n := 0
	for g.Next() {
		switch c := g.Str(); {
		case c == "[", c == ";":
		case c >= "0" && c <= "9":
			n = 10*n + int(c[0]-'0')
		case c == "m": // a colour takes no room
			return
		case c == "A":
			s.row = max(0, s.row-n)
			return
		case c == "J":
			s.rows = s.rows[:s.row+1]
			s.rows[s.row] = s.rows[s.row][:s.col]
			return
		default:
			panic("a control sequence that the screen does not know: " + c)
		}
	}
}

func (s *screen) down() {
	s.row++
	if s.row == len(s.rows) {
		s.rows = append(s.rows, "")
	}
}

func (s *screen) put(c string, width int) {
	if s.col+width > s.columns {
		s.col = 0
		s.down()
	}
	s.rows[s.row] += c
	s.col += width
}

// resize makes it narrower or wider; a line that no longer fits is broken.
func (s *screen) resize(columns int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.columns = columns
	last := s.rows[s.row]
	if w := uniseg.StringWidth(last); w > columns {
		r := []rune(last)
		s.rows = s.rows[:s.row]
		for len(r) > 0 {
			n := min(columns, len(r))
			s.rows = append(s.rows, string(r[:n]))
			r = r[n:]
		}
		s.row = len(s.rows) - 1
		s.col = uniseg.StringWidth(s.rows[s.row])
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimRight(strings.Join(s.rows, "\n"), "\n")
}

func (s *screen) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.drawn...)
}

// onScreen runs rung in a pseudo-terminal of that width.
func onScreen(t *testing.T, columns int, address, dir string, args ...string) (s *screen, file *os.File, wait func() error) {
	t.Helper()
	cmd := exec.Command("rung", args...)
	cmd.Path, cmd.Dir = filepath.Join(programs(t), "rung"), dir
	cmd.Err = nil
	cmd.Env = []string{"DATABASE_URL=" + address, "PATH=" + os.Getenv("PATH"), "TERM=xterm", "LC_ALL=C.UTF-8"}
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: uint16(columns)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	s = &screen{columns: columns, rows: []string{""}}
	read := make(chan struct{})
	go func() {
		defer close(read)
		buffer := make([]byte, 64<<10)
		for {
			n, err := file.Read(buffer)
			s.write(string(buffer[:n]))
			if err != nil {
				return // EIO: the program has ended
			}
		}
	}()
	return s, file, func() error {
		<-read
		return cmd.Wait()
	}
}

// The line that says how far a backfill is fits the terminal, follows its size,
// and is gone in the end.
func TestBarInTerminal(t *testing.T) {
	for _, columns := range []int{40, 60, 80, 100, 200} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			address, dir := pgtest.URL(t), t.TempDir()
			pgtest.Exec(t, address, "CREATE TABLE users (id int PRIMARY KEY, n int); INSERT INTO users SELECT g FROM generate_series(1, 3000) g; ANALYZE users")
			write(t, filepath.Join(dir, "sql", "000001_fill_the_number_of_users.up.sql"),
				"-- rung:batch key=users.id rows=100 target=1ms pause=30ms vacuum=off\nUPDATE users SET n = 1 WHERE id BETWEEN $1 AND $2;\n")
			write(t, filepath.Join(dir, "sql", "000001_fill_the_number_of_users.down.sql"), "SELECT 1;\n")
			s, file, wait := onScreen(t, columns, address, dir, "up")
			bars := func() (n int) {
				for _, line := range s.lines() {
					if strings.Contains(line, " %") {
						n++
					}
				}
				return n
			}
			until(t, "the bar", func() bool { return bars() >= 3 })
			narrow := 30
			s.resize(narrow)
			if err := pty.Setsize(file, &pty.Winsize{Rows: 50, Cols: uint16(narrow)}); err != nil {
				t.Fatal(err)
			}
			seen := bars()
			if err := wait(); err != nil {
				t.Fatalf("%v\n%s", err, s.text())
			}
			if bars() <= seen {
				t.Error("nothing was drawn after the resize")
			}
			for i, line := range s.lines() {
				if w := uniseg.StringWidth(line); w >= columns || i > seen+1 && w >= narrow {
					t.Errorf("drawn on %d columns: %q", columns, line)
				}
				if i <= seen && !strings.Contains(line, "[") && strings.Contains(line, " %") {
					t.Errorf("no bar on %d columns: %q", columns, line)
				}
				if columns >= 80 && i == 1 && !(strings.Contains(line, "[") && strings.Contains(line, " of about 3,000 rows")) {
					t.Errorf("on %d columns: %q", columns, line)
				}
			}
			if text := s.text(); strings.Contains(text, " %") || !strings.HasSuffix(text, "applied 1 migration") {
				t.Errorf("what is left behind:\n%s", text)
			}
		})
	}
}

// A long statement has a line too.
func TestSignsOfLifeInTerminal(t *testing.T) {
	t.Parallel()
	address, dir := pgtest.URL(t), t.TempDir()
	write(t, filepath.Join(dir, "sql", "1_long.up.sql"), "SELECT 1;\nSELECT pg_sleep(2.5);\n")
	write(t, filepath.Join(dir, "sql", "1_long.down.sql"), "SELECT 1;\n")
	s, _, wait := onScreen(t, 60, address, dir, "up")
	if err := wait(); err != nil {
		t.Fatalf("%v\n%s", err, s.text())
	}
	if lines := s.lines(); len(lines) < 1 || !strings.HasPrefix(lines[0], "sql/1_long.up.sql:2  1s  SELECT pg_sleep(2.5)") {
		t.Errorf("%q", lines)
	}
	if text := s.text(); strings.Contains(text, "pg_sleep") || !strings.HasSuffix(text, "applied 1 migration") {
		t.Errorf("what is left behind:\n%s", text)
	}
}

// until waits until something is so.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("never: %s", what)
		}
	}
}

// Whatever the width, the lines fit and say the most important.
func TestLinesFit(t *testing.T) {
	batch := runner.BatchDone{File: "sql/000008_users_is_premium_fill.up.sql", Line: 2, Progress: runner.Progress{Keys: 1_166_733, Total: 1_503_202, Rate: 108_801}}
	long := runner.Working{
		File: "sql/000008_öffentliche_東京_index.up.sql", Line: 3, Step: 2, Steps: 5, Took: 83 * time.Second, FileTook: 200 * time.Second,
		Statement: "CREATE INDEX CONCURRENTLY users_is_premium_idx ON public.users USING btree (is_premium)", Phase: "building index: scanning table", PhaseDone: 43, PhaseTotal: 100,
	}
	for width := 39; width < 200; width++ {
		bar, working := events.Bar(batch, width), events.WorkingLine(long, width)
		if uniseg.StringWidth(bar) > width || uniseg.StringWidth(working) > width {
			t.Errorf("on %d columns:\n%s\n%s", width, bar, working)
		}
		if !strings.Contains(bar, "[####") || !strings.Contains(bar, " 77 %") || !strings.Contains(bar, "3s left") || !strings.Contains(working, "1m23s of 3m20s") {
			t.Errorf("on %d columns:\n%s\n%s", width, bar, working)
		}
	}
	batch.Progress.Rate = 50 // two hours to go
	if bar := events.Bar(batch, 39); !strings.Contains(bar, "[####..]") || !strings.HasSuffix(bar, "1h52m left") {
		t.Errorf("%q", bar)
	}
}
