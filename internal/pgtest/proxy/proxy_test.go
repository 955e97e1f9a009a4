package proxy_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestDelayIsTheRoundTrip(t *testing.T) {
	p, url := pgtest.Proxy(t, pgtest.URL(t))
	conn := connect(t, url)
	const delay, n = 20 * time.Millisecond, 10
	p.SetDelay(delay)
	p.ResetStats()
	began := time.Now()
	for range n {
		run(t, conn, "SELECT 1")
	}
	took := time.Since(began)
	t.Logf("%d round trips of %s took %s", n, delay, took)
	if took < n*delay || took > 5*n*delay {
		t.Errorf("took %s", took)
	}
	if got := p.Stats().RoundTrips; got != n {
		t.Errorf("counted %d round trips", got)
	}
}

// A slow link is no narrow one: 30 MB are hundreds of chunks, at 50 ms each
// half a minute, even on a busy machine.
func TestDelayDoesNotLimitThroughput(t *testing.T) {
	p, url := pgtest.Proxy(t, pgtest.URL(t))
	conn := connect(t, url)
	p.SetDelay(100 * time.Millisecond)
	began := time.Now()
	var length int
	if err := conn.QueryRowContext(t.Context(), "SELECT length(string_agg(x, '')) FROM (VALUES ('"+
		strings.Repeat("x", 30<<20)+"')) v(x)").Scan(&length); err != nil || length != 30<<20 {
		t.Fatal(length, err)
	}
	up := time.Since(began)
	began = time.Now()
	rows, err := conn.QueryContext(t.Context(), "SELECT repeat('y', 1000) FROM generate_series(1, 30000)")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if rows.Err() != nil || n != 30000 {
		t.Fatal(n, rows.Err())
	}
	t.Logf("30 MB up in %s, 30,000 rows down in %s", up, time.Since(began))
	if took := up + time.Since(began); took > 15*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestRoundTrips(t *testing.T) {
	p, url := pgtest.Proxy(t, pgtest.URL(t))
	conn := connect(t, url)
	if got := p.Stats(); got.Conns != 1 || got.RoundTrips != 1 {
		t.Errorf("a connection with trust costs %+v", got)
	}
	for _, c := range []struct {
		sql  string
		want int
	}{
		{"SELECT 1", 1},
		{"BEGIN; CREATE TABLE a (n int); DO $$BEGIN RAISE INFO 'x'; RAISE INFO 'y'; END$$; COMMIT", 1},
		{"SELECT generate_series(1, 10000)", 1},
	} {
		p.ResetStats()
		run(t, conn, c.sql)
		if got := p.Stats(); got.RoundTrips != c.want || got.Conns != 0 {
			t.Errorf("%s: %+v", c.sql, got)
		}
	}
}

func TestCutAt(t *testing.T) {
	for _, c := range []struct {
		name string
		at   proxy.Moment
		want string
	}{
		{"before the statement nothing is done", proxy.BeforeStatement, "0"},
		{"after the statement it is done", proxy.AfterStatement, "1"},
		{"while it is under way it will be", proxy.UnderWay, "1"},
		{"before the answer it is done", proxy.BeforeAnswer, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			direct := pgtest.URL(t)
			pgtest.Exec(t, direct, "CREATE TABLE t (n int)")
			p, url := pgtest.Proxy(t, direct)
			conn, bystander := connect(t, url), connect(t, url)
			cut := p.CutAt("COMMIT", c.at)
			_, err := conn.ExecContext(t.Context(), "BEGIN; DO $$BEGIN RAISE INFO 'x'; END$$; INSERT INTO t VALUES (1); COMMIT; SELECT 1")
			if !connectionLost(err) {
				t.Error(err)
			}
			select {
			case <-cut:
			default:
				t.Error("the channel is not closed")
			}
			run(t, bystander, "SELECT 1")
			awaitRows(t, direct, "SELECT count(*) FROM t", c.want)
			run(t, connect(t, url), "BEGIN; COMMIT") // once only
		})
	}
}

// A statement that is under way to the server arrives, though its sender and
// the connection are gone.
func TestCutAfterOnASlowLink(t *testing.T) {
	direct := pgtest.URL(t)
	pgtest.Exec(t, direct, "CREATE TABLE t (n int)")
	p, url := pgtest.Proxy(t, direct)
	p.SetDelay(100 * time.Millisecond)
	for range 5 {
		conn := connect(t, url)
		<-func() <-chan struct{} {
			cut := p.CutAt("INSERT", proxy.AfterStatement)
			_, _ = conn.ExecContext(t.Context(), "INSERT INTO t SELECT 1")
			return cut
		}()
	}
	awaitRows(t, direct, "SELECT count(*) FROM t", "5")
}

func TestHooksSeeMessages(t *testing.T) {
	p, url := pgtest.Proxy(t, pgtest.URL(t))
	var client, server []string
	p.OnClientMessage(func(m proxy.Message) proxy.Action {
		client = append(client, string(m.Type)+m.SQL())
		return proxy.Forward
	})
	p.OnServerMessage(func(m proxy.Message) proxy.Action {
		server = append(server, string(m.Type)+m.Tag())
		return proxy.Forward
	})
	conn := connect(t, url)
	run(t, conn, "CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
	var n int
	if err := conn.QueryRowContext(t.Context(), "SELECT n FROM t WHERE n = $1", 1).Scan(&n); err != nil {
		t.Fatal(err)
	}
	p.OnClientMessage(nil)
	p.OnServerMessage(nil)
	clients, servers := strings.Join(client, " "), strings.Join(server, " ")
	if !strings.HasPrefix(clients, "\x00 QCREATE TABLE t") || !strings.Contains(clients, "PSELECT n FROM t WHERE n = $1") {
		t.Errorf("%q", clients)
	}
	if !strings.HasPrefix(servers, "R S ") || !strings.Contains(servers, "CCREATE TABLE CINSERT 0 1 Z") {
		t.Errorf("%q", servers)
	}
}

func TestDrop(t *testing.T) {
	direct := pgtest.URL(t)
	p, url := pgtest.Proxy(t, direct)
	conn := connect(t, url)
	var notices []string
	err := conn.Raw(func(c any) error {
		pq.SetNoticeHandler(c.(driver.Conn), func(e *pq.Error) { notices = append(notices, e.Message) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p.OnServerMessage(func(m proxy.Message) proxy.Action {
		if m.Type == 'N' && strings.Contains(string(m.Payload), "secret") {
			return proxy.Drop
		}
		return proxy.Forward
	})
	run(t, conn, "DO $$BEGIN RAISE INFO 'one'; RAISE INFO 'secret'; RAISE INFO 'two'; END$$")
	if got := strings.Join(notices, ","); got != "one,two" {
		t.Error(got)
	}
}

func TestCutAll(t *testing.T) {
	p, url := pgtest.Proxy(t, pgtest.URL(t))
	a, b := connect(t, url), connect(t, url)
	sleeping := make(chan error, 1)
	go func() { _, err := a.ExecContext(context.Background(), "SELECT pg_sleep(60)"); sleeping <- err }()
	awaitRows(t, url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(6%' AND pid <> pg_backend_pid()", "1")
	if n := p.CutAll(); n < 2 {
		t.Errorf("cut %d", n)
	}
	if err := <-sleeping; !connectionLost(err) {
		t.Error(err)
	}
	if _, err := b.ExecContext(t.Context(), "SELECT 1"); !connectionLost(err) {
		t.Error(err)
	}
	run(t, connect(t, url), "SELECT 1")
}

func TestBlackhole(t *testing.T) {
	p, url := pgtest.Proxy(t, pgtest.URL(t))
	conn := connect(t, url)
	p.Blackhole(true)
	answered := make(chan error, 1)
	go func() { _, err := conn.ExecContext(context.Background(), "SELECT 1"); answered <- err }()
	// lib/pq heeds no context while it waits for the answer to its startup packet.
	db, err := sql.Open("postgres", url+"&connect_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err == nil {
		t.Error("a new connection works")
	}
	select {
	case err := <-answered:
		t.Errorf("answered: %v", err)
	default:
	}
	p.Blackhole(false)
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestRefuse(t *testing.T) {
	p, url := pgtest.Proxy(t, pgtest.URL(t))
	conn := connect(t, url)
	if err := p.Refuse(true); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(c, err)
	}
	run(t, conn, "SELECT 1")
	if err := p.Refuse(false); err != nil {
		t.Fatal(err)
	}
	run(t, connect(t, url), "SELECT 1")
}

// psql asks for SSL first; the server without it says no.
func TestPsqlThroughTheProxy(t *testing.T) {
	s := pgtest.Server(t)
	p, url := pgtest.Proxy(t, s.URL(""))
	file := t.TempDir() + "/rows"
	if err := os.WriteFile(file, []byte(strings.Repeat("1\n", 100000)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("psql", strings.Replace(url, "sslmode=disable", "sslmode=prefer", 1), "-XAtq",
		"-c", "CREATE TABLE t (n int)", "-c", `\copy t FROM '`+file+`'`, "-c", `SELECT count(*) FROM t`).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "100000" {
		t.Error(string(out), err)
	}
	if got := p.Stats(); got.Conns != 1 {
		t.Errorf("%+v", got)
	}
}

func TestServerGone(t *testing.T) {
	s := pgtest.Server(t)
	_, url := pgtest.Proxy(t, s.URL(""))
	conn := connect(t, url)
	if err := s.Kill9(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "SELECT 1"); !connectionLost(err) {
		t.Error(err)
	}
	if err := s.StartAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, connect(t, url), "SELECT 1")
}

// A client that goes away must not stay on at the server.
func TestClientGone(t *testing.T) {
	direct := pgtest.URL(t)
	_, url := pgtest.Proxy(t, direct)
	conn := connect(t, url)
	run(t, conn, "SET application_name = 'leaver'")
	_ = conn.Close()
	awaitRows(t, direct, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'leaver'", "0")
}

func TestNew(t *testing.T) {
	for _, target := range []string{"", "localhost", "postgres:///db"} {
		if p, err := proxy.New(target); err == nil {
			t.Errorf("%q: %s", target, p.Addr())
		}
	}
}

// connectionLost tells the errors of a cut connection from the server's.
func connectionLost(err error) bool {
	var opErr *net.OpError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &opErr)
}

// connect opens one connection, which is closed at the end of the test.
func connect(t *testing.T, url string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0)
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func run(t *testing.T, conn *sql.Conn, statements string) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// awaitRows waits until a query gives a result: what a cut connection had sent
// is still being worked on.
func awaitRows(t *testing.T, url, query, want string) {
	t.Helper()
	got := ""
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if got = pgtest.QueryString(t, url, query); got == want {
			return
		}
	}
	t.Errorf("%s: got %s, want %s", query, got, want)
}

// A stand-in for a server with TLS: it says yes to the request for it, and
// returns what is not PostgreSQL's protocol as it came.
func TestEncryptedStreamPasses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if _, err := io.ReadFull(conn, make([]byte, 8)); err == nil {
			_, _ = conn.Write([]byte("S"))
			_, _ = io.Copy(conn, conn)
		}
	}()
	p, err := proxy.New(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	noise := strings.Repeat("\xff\x00noise", 20000)
	for _, step := range []struct{ send, want string }{
		{"\x00\x00\x00\x08\x04\xd2\x16\x2f", "S"},
		{noise, noise},
	} {
		if _, err := conn.Write([]byte(step.send)); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(step.want))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != step.want {
			t.Fatalf("%.10q: %.10q, %v", step.send, got, err)
		}
	}
}
