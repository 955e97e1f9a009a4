package sandbox

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestRun(t *testing.T) {
	s := mustStart(t, Config{Trust: true})
	t.Setenv("PGHOSTADDR", "192.0.2.1") // would take psql elsewhere
	t.Setenv("PATH", s.BinDir+":"+os.Getenv("PATH"))

	t.Run("the command finds the database", func(t *testing.T) {
		for _, script := range []string{
			`psql -XAtc "SELECT current_database()"`,
			`psql -XAtc "SELECT current_database()" "$DATABASE_URL"`,
		} {
			var out strings.Builder
			cmd := exec.Command("sh", "-c", script)
			cmd.Stdout, cmd.Stderr = &out, &out
			if status, err := s.Run("template1", cmd); status != 0 || err != nil || out.String() != "template1\n" {
				t.Errorf("%s: %d, %v: %s", script, status, err, out.String())
			}
		}
	})
	t.Run("the exit status is the command's", func(t *testing.T) {
		for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -TERM $$": 143} {
			if status, err := s.Run("", exec.Command("sh", "-c", script)); status != want || err != nil {
				t.Errorf("%s: %d, %v", script, status, err)
			}
		}
	})
	t.Run("a command that cannot run", func(t *testing.T) {
		for name, want := range map[string]int{"no-such-command": 127, "/no/such/command": 127, s.Dir: 126} {
			if status, err := s.Run("", exec.Command(name)); status != want || err == nil {
				t.Errorf("%s: %d, %v", name, status, err)
			}
		}
	})
	t.Run("signals go to the command", func(t *testing.T) {
		cmd := exec.Command("sh", "-c", `trap 'exit 42' TERM; echo ready; while :; do sleep 0.01; done`)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout = w
		go func() {
			_, _ = bufio.NewReader(r).ReadString('\n')
			_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		}()
		if status, err := s.Run("", cmd); status != 42 || err != nil {
			t.Error(status, err)
		}
	})
}
