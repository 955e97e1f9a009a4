package runner

import (
	"errors"
	"sync"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

// Wherever an answer is lost, what up and work do is done once.

// cutNth cuts a connection so that the answer to the nth message of all never comes.
func cutNth(p *proxy.Proxy, n int) (came *bool) {
	var mu sync.Mutex
	came = new(bool)
	sent, conn, armed := 0, 0, false
	p.OnClientMessage(func(m proxy.Message) proxy.Action {
		mu.Lock()
		defer mu.Unlock()
		if m.Type != 'Q' {
			return proxy.Forward
		}
		if sent++; sent == n {
			*came, armed, conn = true, true, m.Conn
		}
		return proxy.Forward
	})
	p.OnServerMessage(func(m proxy.Message) proxy.Action {
		mu.Lock()
		defer mu.Unlock()
		if !armed || m.Conn != conn {
			return proxy.Forward
		}
		return loseAnswer(m)
	})
	return came
}

// Whichever answer is lost, up registers once, and work counts each row once.
func TestBackgroundAnswerLost(t *testing.T) {
	t.Parallel()
	f := countingLater("rows=100 vacuum=off")
	for name, do := range map[string]func(t *testing.T, r *Runner, url string) error{
		"up": func(t *testing.T, r *Runner, url string) error {
			_, err := r.Up(testContext(t), UpRequest{})
			return err
		},
		"work": func(t *testing.T, r *Runner, url string) error {
			_, err := r.Work(testContext(t), WorkRequest{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			p, through := pgtest.Proxy(t, url)
			for n, came := 1, true; came; n++ {
				pgtest.Exec(t, url, "DROP SCHEMA IF EXISTS rung CASCADE; DROP TABLE IF EXISTS t")
				numbered(t, url, 150)
				if name == "work" {
					up(t, url, f)
				}
				cut := cutNth(p, n)
				err := do(t, testRunner(t, through, load(t, f)), url)
				p.OnClientMessage(nil)
				p.OnServerMessage(nil)
				came = *cut
				if unreachable := (*UnreachableError)(nil); err != nil && !errors.As(err, &unreachable) {
					t.Fatalf("at message %d: %v", n, err)
				}
				up(t, url, f)
				work(t, url, f)
				everyOne(t, url)
				tiles(t, url)
				is(t, url, "SELECT string_agg(action, ' ' ORDER BY id) FROM rung.log", "register up")
				if t.Failed() {
					t.Fatalf("at message %d", n)
				}
			}
		})
	}
}
