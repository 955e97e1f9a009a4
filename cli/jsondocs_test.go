package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/proof"
	"rung/runner"
)

const jsonDocs = "../docs/json.md"

// results are the objects that the commands print with --json.
var results = map[string]any{
	"up": jsonRun{}, "down": jsonRun{}, "redo": jsonRun{}, "status": jsonStatus{}, "plan": jsonPlan{}, "validate": jsonValidate{}, "verify": jsonVerify{}, "review": jsonReview{},
	"new": jsonNew{}, "templates": jsonTemplates{}, "baseline": jsonAccepted{}, "adopt": jsonAdopt{}, "repair": jsonAccepted{}, "history": jsonHistory{},
	"wait": jsonWait{}, "dump": jsonDump{}, "work": jsonWork{}, "pause": jsonSteer{}, "resume": jsonSteer{}, "tune": jsonSteer{},
	"import": jsonImport{}, "sandbox": jsonSandbox{}, "topic": jsonTopic{}, "completion": jsonCompletion{}, "man": jsonMan{}, "version": jsonVersion{},
}

// parts are the objects within them.
var parts = map[string]any{
	"error": fault.Description{}, "blocker": fault.Blocker{}, "problem": runner.Problem{}, "finding": runner.Finding{}, "done": jsonDone{},
	"migration": jsonMigration{}, "holder": runner.Holder{}, "background": events.Background{}, "backfill": events.Backfill{}, "planned": jsonAction{}, "step": runner.StepOutline{},
	"file": newFile{}, "template": jsonTemplate{}, "parameter": jsonParam{}, "accepted": jsonAcceptedRow{}, "adopted": jsonAdopted{}, "entry": jsonEntry{}, "failure": runner.Failure{},
	"imported": jsonImported{}, "unequal": proof.LadderDifference{},
	"verified": jsonVerified{}, "difference": proof.Finding{}, "found": proof.ReviewFinding{}, "observed": proof.Observed{}, "place": proof.Place{}, "live": proof.LiveRelation{}, "live statement": proof.LiveStatement{},
	"fleet": jsonFleet{}, "group": jsonFleetGroup{}, "drift": jsonDrift{},
	"lock": proof.Lock{}, "build": proof.Build{}, "change": proof.Change{},
}

// logged has an event of each type.
var logged = []runner.Event{
	runner.WaitingForServer{Err: os.ErrDeadlineExceeded},
	runner.WaitingForLock{Backfill: &runner.Progress{}},
	runner.HistoryCreated{},
	runner.RunStarted{},
	runner.RunFinished{},
	runner.Started{},
	runner.Working{},
	runner.StepDone{},
	runner.Finished{},
	runner.Notice{},
	runner.Blocked{},
	runner.Retrying{Err: os.ErrDeadlineExceeded},
	runner.Overtaken{},
	runner.Settling{},
	runner.Cleaned{},
	runner.NotLogged{Err: os.ErrDeadlineExceeded},
	runner.Restored{},
	runner.Warned{},
	runner.BatchDone{},
	runner.Queue{},
	runner.Passed{},
	runner.AttemptFailed{Err: os.ErrDeadlineExceeded},
	runner.WaitingForBackfill{},
	runner.BackfillDone{},
	runner.FewerWorkers{Err: os.ErrDeadlineExceeded},
	runner.WaitingForReplica{},
	runner.Vacuumed{},
	runner.Paused{},
}

// object is what docs/json.md says of one: its keys and their types.
type object map[string]string

// readDocs reads the tables of docs/json.md, by heading, and the examples.
func readDocs(t *testing.T) (objects map[string]object, examples map[string]string) {
	text, err := os.ReadFile(jsonDocs)
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	row := regexp.MustCompile("^\\| `([^`]+)` \\| ([^|]+) \\|")
	objects, examples = map[string]object{}, map[string]string{}
	var names []string
	for line := range strings.Lines(string(text)) {
		if heading, ok := strings.CutPrefix(line, "### "); ok {
			names = strings.Split(strings.TrimSpace(heading), ", ")
			for _, name := range names {
				objects[name] = object{}
			}
		}
		if m := row.FindStringSubmatch(line); m != nil {
			for _, name := range names {
				objects[name][m[1]] = link.ReplaceAllString(m[2], "$1")
			}
		}
	}
	for _, m := range example.FindAllStringSubmatch(string(text), -1) {
		examples[m[1]] = m[2]
	}
	return objects, examples
}

// example is a block of docs/json.md under the command that printed it.
var example = regexp.MustCompile("(?s)<!-- rung ([^>]*) -->\n```json\n(.*?)```")

// keys are what a struct says of its JSON.
func keys(v any) object {
	o := object{}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || name == "ok" || name == "error" && f.Type == reflect.TypeFor[*fault.Description]() {
			continue
		}
		o[name] = typeName(f.Type)
		if options == "omitempty" {
			o[name] += ", optional"
		}
	}
	return o
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem()) + " or null"
	case reflect.Slice:
		return "list of " + typeName(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return "time"
		}
		for name, v := range parts {
			if reflect.TypeOf(v) == t {
				return name
			}
		}
		if t == reflect.TypeFor[jsonReview]() {
			return "rung review"
		}
		return "undocumented " + t.String()
	}
	return "number"
}

// TestJSONDocs compares docs/json.md with the code: the same objects, keys and
// types, and examples that fit.
func TestJSONDocs(t *testing.T) {
	objects, examples := readDocs(t)
	want := map[string]object{"line": {"time": "time", "level": "string", "msg": "string", "event": "string", "target": "string, optional", "data": "object"}}
	for name, v := range results {
		want["rung "+name] = keys(v)
	}
	for name, v := range parts {
		want[name] = keys(v)
	}
	for _, e := range logged {
		data := object{}
		for key, v := range events.Data(e) {
			data[key] = typeName(reflect.TypeOf(v))
		}
		want["event "+runner.EventName(e)] = data
	}
	verified := object{}
	for key, v := range verifiedEvent(proof.VerifyProgress{}) {
		verified[key] = typeName(reflect.TypeOf(v))
	}
	want["event verified"] = verified
	observing := object{}
	for key, v := range observingEvent(proof.ReviewProgress{}) {
		observing[key] = typeName(reflect.TypeOf(v))
	}
	want["event observing"] = observing
	want["event error"], want["event problem"], want["event note"] = object{}, object{}, object{} // of an error, a problem, nothing
	for name := range want {
		if objects[name] == nil {
			t.Errorf("docs/json.md has no heading ### %s", name)
		} else if got := objects[name]; !reflect.DeepEqual(got, want[name]) {
			t.Errorf("docs/json.md, %s:\n%s", name, diff(got.String(), want[name].String()))
		}
	}
	for name := range objects {
		if want[name] == nil {
			t.Errorf("docs/json.md describes %s, which there is not", name)
		}
	}
	for command, text := range examples {
		fits(t, objects, objectOf(command), text)
	}
}

// TestJSONDocsComplete finds commands and events that the test above overlooks.
func TestJSONDocsComplete(t *testing.T) {
	for _, c := range newApp(&terminal{}).Commands {
		if results[c.Name] == nil {
			t.Errorf("put the object of %s into results, and describe it in docs/json.md", c.Name)
		}
	}
	for m := range reflect.TypeFor[runner.Visitor]().Methods() {
		if !slices.ContainsFunc(logged, func(e runner.Event) bool { return reflect.TypeOf(e).Name() == m.Name }) {
			t.Errorf("put the event %s into logged, and describe it in docs/json.md", m.Name)
		}
	}
}

// objectOf is the heading that describes what a command prints.
func objectOf(command string) string {
	name, _, _ := strings.Cut(command, " ")
	if name == "log" {
		return "line"
	}
	return "rung " + name
}

func (o object) String() string {
	var lines []string
	for key, typ := range o {
		lines = append(lines, "| `"+key+"` | "+typ+" |\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// fits checks that a printed object is as docs/json.md says.
func fits(t *testing.T, objects map[string]object, name, text string) {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
		return
	}
	o := object{}
	if strings.HasPrefix(name, "rung ") {
		o["ok"], o["error"] = "boolean", "error or null"
	}
	// An error that came before there was a result stands alone.
	if v["error"] == nil || len(v) > 2 || !strings.HasPrefix(name, "rung ") {
		maps.Copy(o, objects[name])
	}
	if err := fit(objects, o, v); err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
	}
}

func fit(objects map[string]object, o object, v map[string]any) error {
	for key := range v {
		if _, ok := o[key]; !ok {
			return fmt.Errorf("key %s is not documented", key)
		}
	}
	for key, typ := range o {
		value, ok := v[key]
		typ, optional := strings.CutSuffix(typ, ", optional")
		if !ok && optional {
			continue
		}
		if !ok {
			return fmt.Errorf("key %s is missing", key)
		}
		if err := fitType(objects, typ, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func fitType(objects map[string]object, typ string, v any) error {
	if of, ok := strings.CutSuffix(typ, " or null"); ok {
		if v == nil {
			return nil
		}
		typ = of
	}
	ok := false
	switch of, isList := strings.CutPrefix(typ, "list of "); {
	case isList:
		var list []any
		if list, ok = v.([]any); ok {
			for _, e := range list {
				if err := fitType(objects, of, e); err != nil {
					return err
				}
			}
		}
	case typ == "string":
		_, ok = v.(string)
	case typ == "number":
		_, ok = v.(float64)
	case typ == "boolean":
		_, ok = v.(bool)
	case typ == "time":
		s, _ := v.(string)
		_, err := time.Parse(time.RFC3339Nano, s)
		ok = err == nil
	case typ == "object":
		_, ok = v.(map[string]any)
	default:
		m, isObject := v.(map[string]any)
		if !isObject || objects[typ] == nil {
			return fmt.Errorf("%v is no %s", v, typ)
		}
		return fit(objects, objects[typ], m)
	}
	if !ok {
		return fmt.Errorf("%v is no %s", v, typ)
	}
	return nil
}
