package chaos

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

// together are files of which none travels alone.
func together(all map[string]string) map[string]string {
	plain := map[string]string{}
	for name, sql := range all {
		sql = strings.TrimPrefix(sql, "BEGIN ISOLATION LEVEL READ COMMITTED;\n")
		plain[name] = strings.TrimSuffix(sql, ";\nCOMMIT;")
	}
	return plain
}

// six are short files of one message. What ran twice, or in part, shows.
var six = func() map[string]string {
	all := map[string]string{
		"1_first.up.sql":   "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)",
		"1_first.down.sql": "DROP TABLE counter",
	}
	for n := 2; n <= 6; n++ {
		all[fmt.Sprintf("%d_next.up.sql", n)] = fmt.Sprintf("CREATE TABLE t%d (); UPDATE counter SET n = n + 1; DO $$BEGIN RAISE NOTICE 'all but COMMIT'; END$$", n)
		all[fmt.Sprintf("%d_next.down.sql", n)] = fmt.Sprintf("DROP TABLE t%d; UPDATE counter SET n = n - 1", n)
	}
	return all
}()

// A message with six files is hit at each of the server's notices in it: they
// stand before every statement, and the files' own before what ends each
// transaction. Whatever that does, one plain up more ends as if nothing had
// happened.
func TestGroupIsHitAtEveryMark(t *testing.T) {
	t.Parallel()
	undisturbed := pgtest.URL(t)
	run(t, undisturbed, files(t, six), "up")
	want := story(t, undisturbed)
	for name, kill := range map[string]bool{"the connection is cut": false, "rung is killed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for k, met := 1, true; met; k++ {
				t.Run(fmt.Sprintf("notice %d", k), func(t *testing.T) {
					url, dir := pgtest.URL(t), files(t, six)
					var p *process
					if p, met = hitAtMark(t, url, dir, k, kill); !kill {
						saysHowFar(t, p, logged(t, url))
					}
					run(t, url, dir, "up")
					same(t, fmt.Sprintf("hit at notice %d", k), story(t, url), want)
				})
			}
		})
	}
}

// hitAtMark runs up, which loses its working connection or its life when progress notice k
// comes. It says whether there were so many.
func hitAtMark(t *testing.T, url, dir string, k int, kill bool) (p *process, met bool) {
	t.Helper()
	px, through := pgtest.Proxy(t, url)
	started := make(chan struct{})
	var mu sync.Mutex
	n := 0
	px.OnServerMessage(func(m proxy.Message) proxy.Action {
		<-started
		mu.Lock()
		defer mu.Unlock()
		if m.Type != 'N' {
			return proxy.Forward
		}
		if n++; n != k {
			return proxy.Forward
		}
		if kill {
			p.kill9()
		}
		return proxy.Cut
	})
	p = start(t, through, dir, "up")
	close(started)
	p.wait()
	mu.Lock()
	defer mu.Unlock()
	return p, n >= k
}

// saysHowFar compares what a run said with what the history says of it.
func saysHowFar(t *testing.T, p *process, log string) {
	t.Helper()
	done := 0
	for n := 1; n <= 6; n++ {
		if strings.Contains(log, fmt.Sprintf("up %d", n)) {
			done = n
		}
	}
	switch {
	case done == 6:
		p.must(0).said("up   6_next")
	case done == 0:
		p.must(1).said("no changes from 1_first were applied")
	default:
		p.must(1).said(fmt.Sprintf("no changes from %d_next were applied; %d migration", done+1, done))
	}
}

// The progress notices are lost with the connection, and the server has carried all out.
func TestGroupIsDoneAndNobodyHeard(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), files(t, six)
	px, through := pgtest.Proxy(t, url)
	conn := 0
	px.OnServerMessage(func(m proxy.Message) proxy.Action {
		if m.Type == 'N' {
			conn = m.Conn
		}
		if m.Type == 'N' || conn != 0 && m.Conn == conn && m.Type == 'D' {
			return proxy.Drop
		}
		if conn != 0 && m.Conn == conn && m.Type == 'Z' {
			conn = 0
			return proxy.Cut
		}
		return proxy.Forward
	})
	start(t, through, dir, "up").must(0).said(settled, "up   2_next", "up   6_next")
	if got := logged(t, url); got != "up 1, up 2, up 3, up 4, up 5, up 6" {
		t.Errorf("the log says %s", got)
	}
}
