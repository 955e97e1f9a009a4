package sandbox

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

func TestMain(m *testing.M) {
	if os.Getenv("SANDBOX_TEST_HELPER") != "" {
		helper()
	}
	os.Exit(m.Run())
}

// helper is the process that the tests kill: it starts a sandbox, says where,
// and stays.
func helper() {
	s, err := Start(context.Background(), Config{Trust: true})
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString(s.Dir + "\n")
	select {}
}

func TestStart(t *testing.T) {
	began := time.Now()
	s := mustStart(t, Config{Settings: map[string]string{"application_name": `it's a \ test`}})
	t.Logf("%s in %s", s.Version, time.Since(began))

	t.Run("answers at its URL", func(t *testing.T) {
		if got := query(t, s.URL(""), "SELECT current_user || ' ' || current_database()"); got != "postgres postgres" {
			t.Error(got)
		}
	})
	t.Run("runs the version that it says", func(t *testing.T) {
		if got := query(t, s.URL(""), "SHOW server_version"); !strings.HasPrefix(got, s.Version.String()) {
			t.Errorf("got %s, want %s", got, s.Version)
		}
	})
	t.Run("takes settings", func(t *testing.T) {
		out, err := psql(s, "-c", "SELECT reset_val FROM pg_settings WHERE name = 'log_line_prefix'")
		if err != nil || !strings.Contains(out, "%m") {
			t.Errorf("%v: %s", err, out)
		}
		conf, err := os.ReadFile(filepath.Join(s.dataDir(), "postgresql.conf"))
		if err != nil || !strings.HasSuffix(string(conf), `application_name = 'it''s a \\ test'`+"\n") {
			t.Errorf("%v: %s", err, conf)
		}
	})
	t.Run("needs the password", func(t *testing.T) {
		db, err := sql.Open("postgres", strings.Replace(s.URL(""), s.password, "wrong", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Ping(); err == nil || !strings.Contains(err.Error(), "password authentication failed") {
			t.Error(err)
		}
	})
	t.Run("is found by psql through URL and environment", func(t *testing.T) {
		for _, args := range [][]string{{s.URL("template1")}, nil} {
			if out, err := psql(s, append(args, "-c", "SELECT current_database()")...); err != nil || strings.TrimSpace(out) != "template1" {
				t.Errorf("%q: %v: %s", args, err, out)
			}
		}
	})
	t.Run("knows letters beyond ASCII and sorts by bytes", func(t *testing.T) {
		if got := query(t, s.URL(""), "SELECT upper('é') || ('a' > 'B')"); got != "Étrue" {
			t.Error(got)
		}
	})
	t.Run("runs as another user where we are root", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("we are not root")
		}
		info, err := os.Stat(s.dataDir())
		if err != nil {
			t.Fatal(err)
		}
		want, err := user.Lookup("postgres")
		if err != nil {
			want, err = user.Lookup("nobody")
		}
		if err != nil {
			t.Fatal(err)
		}
		if uid := strconv.Itoa(int(info.Sys().(*syscall.Stat_t).Uid)); uid != want.Uid {
			t.Errorf("data directory of user %s, want %s", uid, want.Uid)
		}
	})
	t.Run("is gone after Stop", func(t *testing.T) {
		pid := postmasterPid(t, s.Dir)
		for range 2 {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		}
		if alive(pid) || exists(s.Dir) {
			t.Errorf("process: %t, directory: %t", alive(pid), exists(s.Dir))
		}
	})
}

func TestKilledParentLeavesNothingBehind(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cmd, dir := startHelper(t)
			pid := postmasterPid(t, dir)
			if !alive(pid) {
				t.Fatal("the server does not run")
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			eventually(t, "server and directory are gone", func() bool { return !alive(pid) && !exists(dir) })
		})
	}
}

// During the start there is no server yet, but initdb and its children.
func TestParentKilledDuringStartLeavesNothingBehind(t *testing.T) {
	for _, after := range []time.Duration{50, 200, 400, 600, 800} {
		t.Run((after * time.Millisecond).String(), func(t *testing.T) {
			t.Parallel()
			tmp := shared(t)
			cmd := helperCommand(tmp)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(after * time.Millisecond) // the moment is what varies
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			eventually(t, "the directory is gone", func() bool {
				left, _ := filepath.Glob(filepath.Join(tmp, "*"))
				return len(left) == 0
			})
			eventually(t, "no process is left", func() bool {
				out, _ := exec.Command("ps", "-A", "-o", "args=").Output()
				return !strings.Contains(string(out), tmp)
			})
		})
	}
}

func TestCancelledStartLeavesNothingBehind(t *testing.T) {
	tmp := shared(t)
	t.Setenv("TMPDIR", tmp)
	for _, after := range []time.Duration{1, 100, 600} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		s, err := Start(ctx, Config{})
		cancel()
		if err == nil {
			_ = s.Stop() // the machine was fast
		}
		if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
			t.Errorf("after %s ms: left %q", after, left)
		}
	}
}

func TestPathWithBlanksAndQuotes(t *testing.T) {
	tmp := filepath.Join(shared(t), `a b 'c' "d" $e`)
	if err := os.Mkdir(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	s := mustStart(t, Config{})
	if filepath.Dir(s.Dir) != tmp {
		t.Errorf("started in %s", s.Dir)
	}
	if got := query(t, s.URL(""), "SELECT 1"); got != "1" {
		t.Error(got)
	}
	if err := s.Stop(); err != nil || exists(s.Dir) {
		t.Error(err, "directory left:", exists(s.Dir))
	}
}

// The watchdog's rm must be found even so.
func TestEmptyPath(t *testing.T) {
	binDir, _, err := findServer(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	cmd, dir := startHelper(t, "PATH=", BinDirEnv+"="+binDir)
	pid := postmasterPid(t, dir)
	_ = cmd.Process.Kill()
	eventually(t, "server and directory are gone", func() bool { return !alive(pid) && !exists(dir) })
}

// Root's own temporary directory is often one that postgres cannot enter.
func TestClosedTempDir(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("we are not root")
	}
	tmp := t.TempDir()
	if err := os.Chmod(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	s := mustStart(t, Config{})
	if strings.HasPrefix(s.Dir, tmp) {
		t.Errorf("started in %s", s.Dir)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

func TestBadSettingSaysWhatTheServerSays(t *testing.T) {
	_, err := Start(t.Context(), Config{Settings: map[string]string{"wal_levle": "logical"}})
	if err == nil || !strings.Contains(err.Error(), `unrecognized configuration parameter "wal_levle"`) {
		t.Error(err)
	}
}

func TestNoServer(t *testing.T) {
	t.Run("the variable points elsewhere", func(t *testing.T) {
		dir := t.TempDir()
		t.Setenv(BinDirEnv, dir)
		_, err := Start(t.Context(), Config{})
		if err == nil || !strings.Contains(err.Error(), "no PostgreSQL server in "+dir) {
			t.Error(err)
		}
	})
	t.Run("nowhere on the machine", func(t *testing.T) {
		defer func(saved []string) { binDirPatterns = saved }(binDirPatterns)
		binDirPatterns = nil
		t.Setenv(BinDirEnv, "")
		t.Setenv("PATH", "")
		t.Setenv("RUNG_CACHE_DIR", t.TempDir())
		_, err := Start(t.Context(), Config{})
		if !errors.Is(err, ErrNoServer) || !strings.Contains(err.Error(), "apt-get install postgresql") ||
			strings.Contains(err.Error(), "\n") {
			t.Error(err)
		}
	})
}

// Two lookalikes, made of scripts, tell that 18 beats 9.6 and a beta counts.
func TestNewestVersionIsTaken(t *testing.T) {
	root := t.TempDir()
	for _, version := range []string{"9.6.24", "15.18", "18beta1", "17.5"} {
		dir := filepath.Join(root, version, "bin")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + " (Debian)'\n"
		for _, name := range []string{"postgres", "initdb"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	// A package of the client programs: no initdb, so not a server.
	if err := os.Remove(filepath.Join(root, "17.5", "bin", "initdb")); err != nil {
		t.Fatal(err)
	}
	defer func(saved []string) { binDirPatterns = saved }(binDirPatterns)
	binDirPatterns = []string{filepath.Join(root, "*", "bin")}
	t.Setenv(BinDirEnv, "")
	t.Setenv("PATH", root)
	dir, version, err := findServer(t.Context(), "")
	if err != nil || version != (Version{Major: 18}) || dir != filepath.Join(root, "18beta1", "bin") {
		t.Error(dir, version, err)
	}
	// What was downloaded is for machines that have none installed.
	t.Setenv("RUNG_CACHE_DIR", root)
	if err := os.MkdirAll(filepath.Join(root, "postgresql"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, "18beta1"), filepath.Join(root, "postgresql", "18beta1")); err != nil {
		t.Fatal(err)
	}
	if _, version, err := findServer(t.Context(), ""); err != nil || version != (Version{15, 18}) {
		t.Error("beside an installed one:", version, err)
	}
	binDirPatterns = nil
	if _, version, err := findServer(t.Context(), ""); err != nil || version != (Version{Major: 18}) {
		t.Error("alone:", version, err)
	}
}

func mustStart(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func helperCommand(tmp string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SANDBOX_TEST_HELPER=1", "TMPDIR="+tmp)
	return cmd
}

func startHelper(t *testing.T, env ...string) (cmd *exec.Cmd, dir string) {
	t.Helper()
	cmd = helperCommand(os.TempDir())
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line)
}

// shared is a temporary directory that other users can work in; t.TempDir is not.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sandbox-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func query(t *testing.T, url, statement string) string {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var result string
	if err := db.QueryRow(statement).Scan(&result); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return result
}

func psql(s *Server, args ...string) (string, error) {
	// Server packages from npm come without a psql; any will do.
	cmd := exec.Command("/usr/bin/env", append([]string{"psql", "-XAt"}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+s.BinDir+":"+os.Getenv("PATH"))
	cmd.Env = append(cmd.Env, s.Env("template1")...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func postmasterPid(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func exists(path string) bool { _, err := os.Lstat(path); return err == nil }

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so after 20 s: %s", what)
		}
	}
}

// What initdb has made is kept for the next server, one that is damaged is made again,
// and a server whose address is handed out shares no password.
func TestInitdbIsKept(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("RUNG_KEEP_SANDBOX", "")
	start := func(cfg Config) *Server {
		t.Helper()
		s := mustStart(t, cfg)
		if got := query(t, s.URL(""), "SELECT 1"); got != "1" {
			t.Error(got)
		}
		return s
	}
	marked := func(s *Server) bool {
		_, err := os.Stat(filepath.Join(s.dataDir(), "mark"))
		return err == nil
	}
	first := start(Config{})
	base := first.base()
	if err := os.WriteFile(filepath.Join(base, "data", "mark"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if second := start(Config{}); !marked(second) || second.password != first.password {
		t.Error("the second server is not a copy of what was kept")
	}
	if own := start(Config{Own: true}); marked(own) || own.password == first.password {
		t.Error("a server of its own begins as others do")
	}
	if trusting := start(Config{Trust: true}); marked(trusting) || trusting.password != "" {
		t.Error("a server without a password begins as one with it")
	}
	if err := os.RemoveAll(filepath.Join(base, "data", "global")); err != nil {
		t.Fatal(err)
	}
	if again := start(Config{}); marked(again) {
		t.Error("what is damaged was used")
	}
	if _, err := os.Stat(filepath.Join(base, "data", "global")); err != nil {
		t.Errorf("it was not made again: %v", err)
	}
	t.Setenv("RUNG_KEEP_SANDBOX", "false")
	if none := start(Config{}); none.based {
		t.Error("RUNG_KEEP_SANDBOX=false is not heeded")
	}
}
