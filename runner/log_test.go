package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/runner/internal/lock"
)

// Each event of a run is a line with its name and its own fields.
func TestLog(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	up(t, url, pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n"}, func(c *Config) { c.Events = Log(log, nil) })
	lines := map[string]map[string]any{}
	for l := range strings.Lines(out.String()) {
		var line struct {
			Msg, Event string
			Data       map[string]any
		}
		if err := json.Unmarshal([]byte(l), &line); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		lines[line.Event] = line.Data
	}
	if run := lines["run-started"]; run["database"] == "" || run["run"] == nil {
		t.Errorf("run-started: %v", run)
	}
	done := lines["finished"]
	if took, ok := done["duration_ms"].(float64); !ok || took <= 0 || done["version"] != "1" || done["title"] != "1_a" || done["direction"] != "up" {
		t.Errorf("finished: %v", done)
	}
	if lines["run-finished"]["done"] != 1.0 {
		t.Errorf("run-finished: %v", lines["run-finished"])
	}
}

func TestLineOf(t *testing.T) {
	t.Parallel()
	got := LineOf(Retrying{File: "a.sql", Line: 3, Err: errors.New("no"), Attempt: 1, Of: 10, Blockers: []lock.Blocker{{PID: 7, Age: time.Second}}})
	text, err := json.Marshal(got.Data)
	const want = `{"attempt":1,"blockers":[{"age_ms":1000,"pid":7}],"err":"no","file":"a.sql","line":3,"of":10}`
	if err != nil || got.Level != slog.LevelWarn || got.Message != "retrying" || string(text) != want {
		t.Errorf("%v %s\n%s\n%s, %v", got.Level, got.Message, text, want, err)
	}
	for e, want := range map[Event]string{WaitingForLock{}: "waiting-for-lock", RunStarted{}: "run-started"} {
		if got := EventName(e); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
