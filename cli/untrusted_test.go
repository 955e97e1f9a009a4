package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

// evil is a text that tries to forge a line of rung's own.
const evil = "x\x1b[1A\x1b[2K\r\nrung: forged\napplied 9 migrations\u202etxt.\u2028\u0085end\xff"

// TestUntrustedText gives every event and every error evil texts in all of their
// fields, whatever they are.
func TestUntrustedText(t *testing.T) {
	for _, e := range logged {
		v := reflect.New(reflect.TypeOf(e)).Elem()
		poison(v)
		var errs bytes.Buffer
		term := newTerminal(nil, io.Discard, &errs)
		term.verbose = true
		for _, severity := range []string{"WARNING", evil} {
			event := v.Interface().(runner.Event)
			if n, ok := event.(runner.Notice); ok {
				n.Severity = severity
				event = n
			}
			term.textEvents(event)
			if events.IsSign(event) { // which is not said each time
				fmt.Fprintln(term.err, events.Text(event).Line)
			}
		}
		harmless(t, runner.EventName(e), errs.String())
	}
	d := fault.Description{}
	poison(reflect.ValueOf(&d).Elem())
	d.Line, d.Caret = 3, 4
	d.Findings[0].Diff = "-" + strings.ReplaceAll(evil, "\n", "\n+") // as a diff is
	for _, name := range []string{"findings", "problems", "message"} {
		harmless(t, "an error's "+name, fault.Text(d))
		if name == "findings" {
			d.Findings = nil
		} else {
			d.Problems = nil
		}
	}
	var out, errs bytes.Buffer
	term := newTerminal(nil, &out, &errs)
	term.sayTable([][]string{{evil, "tab\tbed"}, {"b", evil}})
	term.say("%s %s %v %s", evil, errors.New(evil), runner.Holder{PID: 1, Application: evil}, runner.Version(evil))
	term.note(evil)
	term.warn(runner.Problem{File: evil, What: evil, Fix: evil})
	st := &runner.Status{}
	poison(reflect.ValueOf(st).Elem())
	st.Findings[0].Diff = ""
	term.statusText(st, func(runner.StatusRow, int, int) bool { return true })
	log := []runner.LogEntry{{}}
	poison(reflect.ValueOf(log).Index(0))
	term.historyText(log, func(v runner.Version) string { return string(v) })
	harmless(t, "stdout", out.String())
	harmless(t, "stderr", errs.String())
}

// poison puts evil into every string that a value holds.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(evil)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(3 * time.Second))
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			poison(v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		poison(v.Index(0))
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[error]() {
			v.Set(reflect.ValueOf(errors.New(evil)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				poison(v.Field(i))
			}
		}
	}
}

// harmless checks that no line begins as the evil text wants it to, and that
// nothing unseen is in it but the line ends.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: nothing is shown", what)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if show.Visible(strings.ReplaceAll(line, "\t", "")) != strings.ReplaceAll(line, "\t", "") || strings.HasPrefix(line, "rung: forged") || strings.HasPrefix(line, "applied 9") {
			t.Errorf("%s: %q", what, line)
		}
	}
}
