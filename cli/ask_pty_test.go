//go:build unix

package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"

	"rung/internal/pgtest"
)

// talk is a program in a pseudo-terminal that is spoken to.
type talk struct {
	*testing.T
	file *os.File
	cmd  *exec.Cmd
	done chan struct{}

	mu   sync.Mutex
	said strings.Builder
	read int // how much of it was waited for
}

func talkTo(t *testing.T, address, dir string, args ...string) *talk {
	t.Helper()
	cmd := exec.Command(filepath.Join(programs(t), "rung"), args...)
	cmd.Dir = dir
	cmd.Env = []string{"DATABASE_URL=" + address, "PATH=" + os.Getenv("PATH"), "TERM=xterm", "LC_ALL=C.UTF-8", "NO_COLOR=1"}
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	k := &talk{T: t, file: file, cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(k.done)
		buffer := make([]byte, 4<<10)
		for {
			n, err := file.Read(buffer)
			k.mu.Lock()
			k.said.Write(buffer[:n])
			k.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return k
}

func (k *talk) text() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.said.String()
}

// answer waits for a question and its prompt, and types a line.
func (k *talk) answer(question, line string) {
	k.Helper()
	until(k.T, question, func() bool {
		text := k.text()[k.read:]
		at := strings.Index(text, question)
		return at >= 0 && strings.Contains(text[at:], "> ")
	})
	k.read = len(k.text())
	if _, err := io.WriteString(k.file, line); err != nil {
		k.Fatal(err)
	}
}

func (k *talk) exit() int {
	<-k.done
	_ = k.cmd.Wait()
	return k.cmd.ProcessState.ExitCode()
}

// A person is asked for the template, the name and its parameters, with the schema's
// own tables and columns to choose from, and is told the command that does the same.
func TestNewAsks(t *testing.T) {
	t.Parallel()
	address, dir := pgtest.URL(t), t.TempDir()
	pgtest.Exec(t, address, `CREATE TABLE users (id int PRIMARY KEY, age int, email text); CREATE TABLE "Orders" (id int PRIMARY KEY)`)
	k := talkTo(t, address, dir, "--database-url", address, "new")
	k.answer("template: ", "change-t\t\r") // TAB completes
	k.answer("name: the migration's name", "wider age\r")
	k.answer("table: the table", "user\r")
	k.answer("user is none of these", "2\r")
	k.answer("column: the column", "age\r")
	k.answer("type: its new type", "\r")
	k.answer("it is needed", "bigint\r")
	k.answer("more: a further parameter", "way\r")
	k.answer("way: ", "1\r")
	k.answer("more: a further parameter", "\r")
	if code := k.exit(); code != 0 {
		t.Fatalf("exit %d: %s", code, k.text())
	}
	for _, want := range []string{`"Orders"`, "rung new wider_age --template change-type --set table=users --set column=age --set type=bigint --set way=direct", "sql/000001_wider_age.up.sql"} {
		if !strings.Contains(k.text(), want) {
			t.Errorf("says nothing of %s:\n%s", want, k.text())
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "sql", "000001_wider_age.up.sql"))
	if err != nil || !strings.Contains(string(text), "ALTER COLUMN age TYPE bigint") {
		t.Errorf("%v: %s", err, text)
	}
}

// Ctrl-C at a question leaves everything as it was, and a value that goes while another
// comes may be a new name for it.
func TestNewAsksWhetherAValueWasRenamed(t *testing.T) {
	t.Parallel()
	address, dir := pgtest.URL(t), t.TempDir()
	pgtest.Exec(t, address, "CREATE TYPE mood AS ENUM ('sad', 'ok')")
	args := []string{"--database-url", address, "new", "moods", "--template", "enum", "--set", "type=mood", "--set", "values=sad,fine"}
	k := talkTo(t, address, dir, args...)
	k.answer("was 'ok' renamed to 'fine'?", "\x03")
	if code := k.exit(); code != 2 || !strings.Contains(k.text(), "no answer, so nothing is written") {
		t.Errorf("exit %d: %s", code, k.text())
	}
	if _, err := os.Stat(filepath.Join(dir, "sql")); err == nil {
		t.Error("something was written")
	}
	k = talkTo(t, address, dir, args...)
	k.answer("was 'ok' renamed to 'fine'?", "y\t\r")
	if code := k.exit(); code != 0 || !strings.Contains(k.text(), "strategy enum-rename") {
		t.Errorf("exit %d: %s", code, k.text())
	}
}
