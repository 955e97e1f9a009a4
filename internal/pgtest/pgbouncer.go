package pgtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"rung/internal/sandbox/ward"
)

// PgBouncer starts a PgBouncer in front of the server of an address and returns
// the address of the same database through it. The mode is session, transaction
// or statement; poolSize the number of server connections for each pair of user
// and database. It is as plain as Debian's: what a client needs beyond that (an
// ignore_startup_parameters, tracked prepared statements) it does not get. The
// users are postgres and that of the address; who reaches the port is let in.
// Further lines of its configuration may follow.
func PgBouncer(tb testing.TB, serverURL, mode string, poolSize int, lines ...string) string {
	tb.Helper()
	program, err := osexec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // not on the PATH of a plain user
	}
	version, err := osexec.Command(program, "--version").Output()
	if err != nil {
		tb.Fatalf("no PgBouncer: install it (apt-get install pgbouncer, or brew install pgbouncer): %v", err)
	}
	server, err := url.Parse(serverURL)
	if err != nil {
		tb.Fatal(err)
	}
	w, err := ward.New("", "rung-pgbouncer-", "")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Errorf("stop PgBouncer: %v", err)
		}
	})
	port := startPgBouncer(tb, w, program, func(port int) string {
		return pgBouncerConfig(server, mode, poolSize, port, string(version)) + strings.Join(lines, "\n") + "\n"
	}, userList(server))
	through := *server
	through.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return through.String()
}

// startPgBouncer tries several ports, since another process may take the one
// that was free a moment ago.
func startPgBouncer(tb testing.TB, w *ward.Ward, program string, config func(port int) string, users string) int {
	tb.Helper()
	if _, err := w.WriteFile("users", users); err != nil {
		tb.Fatal(err)
	}
	for range 10 {
		port := freePort(tb)
		ini, err := w.WriteFile("pgbouncer.ini", config(port))
		if err != nil {
			tb.Fatal(err)
		}
		cmd := w.Command(context.Background(), program, ini)
		if err := cmd.Start(); err != nil {
			tb.Fatalf("start PgBouncer: %v", err)
		}
		exited := make(chan struct{})
		go func() { _ = cmd.Wait(); close(exited) }()
		if awaitPgBouncer(tb, w, port, exited) {
			return port
		}
	}
	log, _ := os.ReadFile(filepath.Join(w.Dir, "log"))
	tb.Fatalf("PgBouncer does not start:\n%s", log)
	return 0
}

func awaitPgBouncer(tb testing.TB, w *ward.Ward, port int, exited chan struct{}) bool {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case <-exited:
			return false
		case <-deadline:
			tb.Fatal("PgBouncer is not ready after 30 s")
		case <-tick.C:
			// Its own word, as another process could listen on the port.
			log, _ := os.ReadFile(filepath.Join(w.Dir, "log"))
			if strings.Contains(string(log), fmt.Sprintf("listening on 127.0.0.1:%d", port)) {
				return dials(port)
			}
		}
	}
}

func dials(port int) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), 10*time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func pgBouncerConfig(server *url.URL, mode string, poolSize, port int, version string) string {
	target := fmt.Sprintf("host=%s port=%s", server.Hostname(), server.Port())
	config := fmt.Sprintf(`[databases]
* = %s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = users
logfile = log
pool_mode = %s
default_pool_size = %d
max_client_conn = 500
admin_users = postgres
`, target, port, mode, poolSize)
	if tracksPrepared(version) {
		config += "max_prepared_statements = 0\n"
	}
	return config
}

// tracksPrepared reports whether this PgBouncer knows max_prepared_statements,
// which came with 1.21 and is on by default in newer ones.
func tracksPrepared(version string) bool {
	m := regexp.MustCompile(`PgBouncer (\d+)\.(\d+)`).FindStringSubmatch(version)
	if m == nil {
		return false
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	return major > 1 || minor >= 21
}

// userList holds the passwords that PgBouncer shows to the server.
func userList(server *url.URL) string {
	name := server.User.Username()
	password, _ := server.User.Password()
	list := fmt.Sprintf("%q %q\n", name, password)
	if name != "postgres" {
		list += `"postgres" ""` + "\n"
	}
	return list
}

func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
