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

	"rung/runner"
)

func TestVisible(t *testing.T) {
	for s, want := range map[string]string{
		"plain":                "plain",
		"größer, 東京, 👩\u200d💻": "größer, 東京, 👩\u200d💻",
		"a\nb\r\nc\td":         `a\nb\r\nc\td`,
		"\x1b[2Jx\x7f\x9b":     `\x1b[2Jx\x7f\x9b`,
		"\u009b0m":             `\x9b0m`,
		"exe\u202egpj.x\u2066": `exe\u202egpj.x\u2066`,
		"a\u2028b\u0085c":      `a\u2028b\x85c`,
		"\ufeffx\u200b":        `\ufeffx\u200b`,
		"x\U000e0041":          `x\U000e0041`,
		"broken \xff\xc3":      `broken \xff\xc3`,
		"kept \ufffd":          "kept \ufffd",
	} {
		if got := visible(s); got != want {
			t.Errorf("visible(%q) is %q, not %q", s, got, want)
		}
		if twice := visible(visible(s)); twice != want {
			t.Errorf("visible(visible(%q)) is %q", s, twice)
		}
	}
	if got := visibleLines("a\n\tb\x1b\r"); got != "a\n\tb"+`\x1b\r` {
		t.Errorf("visibleLines: %q", got)
	}
}

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
			if isSign(event) { // which is not said each time
				fmt.Fprintln(term.err, textOf(event).line)
			}
		}
		harmless(t, runner.EventName(e), errs.String())
	}
	d := jsonError{}
	poison(reflect.ValueOf(&d).Elem())
	d.Line, d.Caret = 3, 4
	d.Findings[0].Diff = "-" + strings.ReplaceAll(evil, "\n", "\n+") // as a diff is
	for _, name := range []string{"findings", "problems", "message"} {
		harmless(t, "an error's "+name, errorText(d))
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
		if strings.ContainsFunc(strings.ReplaceAll(line, "\t", ""), unseen) || strings.HasPrefix(line, "rung: forged") || strings.HasPrefix(line, "applied 9") {
			t.Errorf("%s: %q", what, line)
		}
	}
}
