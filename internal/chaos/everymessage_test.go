package chaos

import (
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

// blow is what happens to rung at one of its messages.
type blow struct {
	name string
	kill bool // rung is killed; otherwise only the connection is cut
	act  proxy.Action
}

var blows = []blow{
	{"rung is killed before the message is sent", true, proxy.Cut},
	{"rung is killed when the message is on its way", true, proxy.CutAfter},
	{"the connection is cut before the message", false, proxy.Cut},
	{"the connection is cut after the message", false, proxy.CutAfter},
}

// strike runs a command that the blow meets at message number k. It says
// whether the command got as far.
func (b blow) strike(t *testing.T, url, dir string, k int, args ...string) (p *process, met bool) {
	t.Helper()
	px, through := pgtest.Proxy(t, url)
	started := make(chan struct{})
	var mu sync.Mutex
	n := 0
	px.OnClientMessage(func(m proxy.Message) proxy.Action {
		<-started
		mu.Lock()
		defer mu.Unlock()
		if m.Type == 0 || m.Type == 'X' {
			return proxy.Forward
		}
		if n++; n != k {
			return proxy.Forward
		}
		if b.kill {
			p.kill9()
		}
		return b.act
	})
	p = start(t, through, dir, args...)
	close(started)
	p.wait()
	mu.Lock()
	defer mu.Unlock()
	return p, n >= k
}

// Rung is hit at the messages that it sends, by each blow. Whatever that does,
// one plain command more ends as if nothing had happened.
func TestEveryMessageIsABadMoment(t *testing.T) {
	t.Parallel()
	wantUp, wantDown := undisturbedStories(t)
	dir := files(t, ladder)
	for _, b := range blows {
		t.Run("up/"+b.name, func(t *testing.T) {
			t.Parallel()
			b.everyMessage(t, func(t *testing.T, k int) bool {
				url := pgtest.URL(t)
				_, met := b.strike(t, url, dir, k, "up")
				run(t, url, dir, "up")
				same(t, fmt.Sprintf("at message %d", k), story(t, url), wantUp)
				return met
			})
		})
		t.Run("down/"+b.name, func(t *testing.T) {
			t.Parallel()
			b.everyMessage(t, func(t *testing.T, k int) bool {
				url := pgtest.URL(t)
				run(t, url, dir, "up")
				_, met := b.strike(t, url, dir, k, "down", "--to", "1")
				run(t, url, dir, "down", "--to", "1")
				same(t, fmt.Sprintf("at message %d", k), story(t, url), wantDown)
				return met
			})
		})
	}
}

// every is how many messages a blow is on. Each blow starts with another one.
var every = flag.Int("every", 4, "strike at every `n`th message; 1 is thorough, and takes minutes")

func (b blow) everyMessage(t *testing.T, at func(t *testing.T, k int) (met bool)) {
	t.Helper()
	for k := 1 + slices.Index(blows, b)%*every; ; k += *every {
		met := true
		t.Run(fmt.Sprintf("message %d", k), func(t *testing.T) { met = at(t, k) })
		if !met {
			t.Logf("fewer than %d messages", k)
			return
		}
	}
}
