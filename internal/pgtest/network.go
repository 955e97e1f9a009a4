package pgtest

import (
	"testing"

	"rung/internal/pgtest/proxy"
)

// Proxy puts a network that misbehaves on demand in front of the server of an
// address, and returns the address of the same database through it. It is
// closed at the end of the test.
func Proxy(tb testing.TB, serverURL string) (p *proxy.Proxy, throughProxy string) {
	tb.Helper()
	p, err := proxy.New(serverURL)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Errorf("close the proxy: %v", err)
		}
	})
	throughProxy, err = p.URL(serverURL)
	if err != nil {
		tb.Fatal(err)
	}
	return p, throughProxy
}
