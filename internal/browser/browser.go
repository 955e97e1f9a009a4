// Package browser shows a page to a headless Chromium, for tests.
package browser

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Browser is a headless Chromium, driven by its DevTools protocol over a pipe.
type Browser struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	id      int
	session string
	// Complaints are what the page's console and the security policy said.
	Complaints []string
}

type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Open shows a page to a browser of its own.
func Open(t *testing.T, page []byte) *Browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("no browser to look at the page with: install chromium")
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	theirs, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, theirsToo, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir())
	cmd.ExtraFiles = []*os.File{theirs, theirsToo} // 3 and 4, as the protocol asks for
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	theirsToo.Close()
	b := &Browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		b.session = ""
		b.Ask("Browser.close", nil, nil)
		_ = cmd.Wait()
		to.Close()
		from.Close()
	})
	var target struct{ TargetID string }
	b.Ask("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.Ask("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.Ask(domain+".enable", nil, nil)
	}
	b.show("file://" + file)
	return b
}

// show navigates, and waits until all is loaded.
func (b *Browser) show(url string) {
	b.t.Helper()
	b.Ask("Page.navigate", map[string]any{"url": url}, nil)
	for {
		if m := b.next(); m.Method == "Page.loadEventFired" {
			return
		}
	}
}

// Ask sends a command and reads its answer.
func (b *Browser) Ask(method string, params map[string]any, answer any) {
	b.t.Helper()
	b.id++
	command := map[string]any{"id": b.id, "method": method, "params": params}
	if params == nil {
		command["params"] = map[string]any{}
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	text, err := json.Marshal(command)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		m := b.next()
		if m.ID != b.id {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if answer != nil {
			if err := json.Unmarshal(m.Result, answer); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

// next reads one message, and keeps what the page complains of.
func (b *Browser) next() (m message) {
	b.t.Helper()
	text, err := b.from.ReadString(0)
	if err != nil {
		b.t.Fatalf("the browser is gone: %v", err)
	}
	if err := json.Unmarshal([]byte(strings.TrimSuffix(text, "\x00")), &m); err != nil {
		b.t.Fatal(err)
	}
	switch m.Method {
	case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown":
		b.Complaints = append(b.Complaints, string(m.Params))
	}
	return m
}

// Value is what an expression is on the page.
func (b *Browser) Value(expression string) string {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}
	b.Ask("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails.Text)
	}
	return fmt.Sprint(answer.Result.Value)
}

// Press presses a key.
func (b *Browser) Press(key, text string, code int) {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		params := map[string]any{"type": kind, "key": key, "windowsVirtualKeyCode": code}
		if text != "" && kind == "keyDown" {
			params["text"] = text
		}
		b.Ask("Input.dispatchKeyEvent", params, nil)
	}
}

// Width lays the page out for a screen of this width.
func (b *Browser) Width(pixels int) {
	b.t.Helper()
	b.Ask("Emulation.setDeviceMetricsOverride", map[string]any{"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Is compares what expressions are on the page.
func (b *Browser) Is(want map[string]string) {
	b.t.Helper()
	for expression, is := range want {
		if got := b.Value(expression); got != is {
			b.t.Errorf("%s: %s, want %s", expression, got, is)
		}
	}
}

// Fits looks at the page on a narrow and on a wide screen, where nothing may stand out.
// More, which may be nil, looks at the rest.
func (b *Browser) Fits(more func(pixels int)) {
	b.t.Helper()
	for _, pixels := range []int{400, 1400} {
		b.Width(pixels)
		if b.Value("document.documentElement.scrollWidth <= innerWidth") != "true" {
			b.t.Errorf("at %d pixels it is wider than the screen", pixels)
		}
		if more != nil {
			more(pixels)
		}
	}
}

// ground is the colour that all stands on.
const ground = "getComputedStyle(document.body).backgroundColor"

// FollowsColors looks at the page in light and dark, and leaves it as it is printed.
func (b *Browser) FollowsColors() {
	b.t.Helper()
	b.Is(map[string]string{ground: "rgb(251, 250, 247)"})
	b.Ask("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": "dark"}}}, nil)
	b.Is(map[string]string{ground: "rgb(20, 23, 27)"})
	b.Ask("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	b.Is(map[string]string{ground: "rgb(255, 255, 255)"})
}

// Quiet wants that neither the console nor the security policy has said anything.
func (b *Browser) Quiet() {
	b.t.Helper()
	for _, c := range b.Complaints {
		b.t.Error(c)
	}
}
