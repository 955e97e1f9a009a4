package runner

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"
)

// Line is an event as a log has it.
type Line struct {
	Level   slog.Level
	Message string
	// Data are the event's fields, as a value that the log's handler can show.
	Data any
}

// Log makes a listener for Config.Events that writes each event to a log, with two
// attributes: event, its name (EventName), and data, its fields.
//
// Line says what becomes of an event; false leaves it out. Nil takes LineOf.
func Log(log *slog.Logger, line func(Event) (Line, bool)) func(Event) {
	if line == nil {
		line = func(e Event) (Line, bool) { return LineOf(e), true }
	}
	return func(e Event) {
		if l, ok := line(e); ok {
			log.Log(context.Background(), l.Level, l.Message, "event", EventName(e), "data", l.Data)
		}
	}
}

// EventName is the event's type in kebab case: waiting-for-lock.
func EventName(e Event) string { return kebab(reflect.TypeOf(e).Name(), '-') }

// LineOf is an event in few words: its name as the message, and its fields in snake
// case, without those that are zero. Durations are in milliseconds, with _ms after
// the name. What asks for attention is a warning, progress is for debugging, the
// rest is information.
func LineOf(e Event) Line {
	l := Line{Message: strings.ReplaceAll(EventName(e), "-", " "), Data: fieldsOf(reflect.ValueOf(e))}
	switch e := e.(type) {
	case Blocked, Retrying, Settling, FewerWorkers, Paused, Warned, NotLogged:
		l.Level = slog.LevelWarn
	case RunFinished:
		if e.Err != nil {
			l.Level = slog.LevelError
		}
	case Working, StepDone, BatchDone, Notice, Vacuumed:
		l.Level = slog.LevelDebug
	}
	return l
}

// fieldsOf are the fields of an event, and of what it holds.
func fieldsOf(v reflect.Value) map[string]any {
	all := map[string]any{}
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		switch {
		case value.IsZero() || !f.IsExported():
		case f.Anonymous:
			for name, x := range fieldsOf(value) {
				all[name] = x
			}
		case value.Type() == reflect.TypeFor[time.Duration]():
			all[kebab(f.Name, '_')+"_ms"] = float64(value.Int()) / float64(time.Millisecond)
		default:
			all[kebab(f.Name, '_')] = shown(value)
		}
	}
	return all
}

// shown is a field's value as JSON has it: an error has no fields, but words.
func shown(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case error:
		return x.Error()
	case time.Time:
		return x
	case fmt.Stringer:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Pointer:
		return shown(v.Elem())
	case reflect.Struct:
		return fieldsOf(v)
	case reflect.Slice:
		var all []any
		for i := range v.Len() {
			all = append(all, shown(v.Index(i)))
		}
		return all
	}
	return v.Interface()
}

// kebab is a Go name in lower case, its words parted: WaitingForLock, PID.
func kebab(name string, between byte) string {
	var b strings.Builder
	upper := func(i int) bool { return i >= 0 && i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	for i := range len(name) {
		if i > 0 && upper(i) && (!upper(i-1) || i+1 < len(name) && !upper(i+1)) {
			b.WriteByte(between)
		}
		b.WriteByte(name[i])
	}
	return strings.ToLower(b.String())
}
