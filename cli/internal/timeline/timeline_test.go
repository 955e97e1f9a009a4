package timeline

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"rung/internal/browser"
	"rung/runner"
)

const script = "</style><script>complain()</script><img src=x onerror=complain()>"

func openTimeline(t *testing.T) *browser.Browser {
	t.Helper()
	began := time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }
	page, err := HTML(Input{
		About: script,
		Log: []runner.LogEntry{
			{At: at(1), Actor: "app", Action: "up", Version: "1", Duration: time.Second, Run: "a"},
			{At: at(4), Actor: "app", Action: "up", Version: "2", Duration: 3 * time.Second, Run: "a"},
			{At: at(60), Actor: script, Action: "up-failed", Version: "3", Name: "c", Run: "b", Failure: &runner.Failure{File: "3_c.up.sql", Message: "password=hunter2 " + script}},
			{At: at(90), Actor: "app", Action: "down", Version: "2", Duration: time.Second, Run: "c", Note: script},
			{At: at(100), Actor: "app", Action: "baseline", Version: "4", Run: "d"},
		},
		Rates: []runner.BackfillRate{{Version: "2", Direction: runner.Up, Step: 1, Parts: []runner.BackfillPart{
			{Began: at(1), Ended: at(2), Keys: 100, Rows: 90, Batches: 1}, {Began: at(2), Ended: at(4), Keys: 100, Rows: 10, Batches: 2},
		}}, {Version: "2", Direction: runner.Down, Step: 1, Parts: []runner.BackfillPart{{Began: at(90), Ended: at(91), Keys: 2, Rows: 1, Batches: 1}}}},
		Title: func(v runner.Version, name string) string { return string(v) + "_" + cmp.Or(name, script) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "hunter2") {
		t.Error("the page shows a password")
	}
	return browser.Open(t, page)
}

// The page shows what it is told as text, loads and runs nothing, and fits narrow and
// wide screens; its bars are as long as things took.
func TestTimelinePage(t *testing.T) {
	t.Parallel()
	b := openTimeline(t)
	b.Is(map[string]string{
		"document.scripts.length + document.images.length":                                                                              "0",
		"document.body.innerText.includes('<script>complain()</script>')":                                                               "true",
		"document.title.includes('</style>')":                                                                                           "true",
		"[...document.querySelectorAll('.counts li')].map(e => e.innerText).join()":                                                     "2 applied,1 reverted,1 failed,1 recorded",
		"[...document.querySelectorAll('.line .bed ~ rect')].map(e => e.getAttribute('class')).join()":                                  "up,failure,down,word",
		"document.querySelectorAll('.runs li').length":                                                                                  "4",
		"[...document.querySelectorAll('.runs .bed + rect')].map(e => e.getAttribute('width')).join()":                                  "0.00%,25.00%,0.00%,100.00%",
		"[...document.querySelectorAll('.files .bed + rect')].map(e => e.getAttribute('width')).join()":                                 "100.00%,33.33%",
		"document.querySelector('.failed li span').firstChild.textContent":                                                              "3_c",
		"document.querySelectorAll('.failed li').length":                                                                                "1",
		"[...document.querySelectorAll('.plot .bed ~ rect')].map(e => e.getAttribute('width') + ' ' + e.getAttribute('height')).join()": "33.33% 98.00%,66.67% 49.00%",
		"document.querySelector('.plot .small').innerText":                                                                              "200 keys walked in 3 batches, 100 rows changed, in 3.0 s; 66 keys a second, at most 100",
		"document.querySelectorAll('.plot svg').length + ': ' + document.querySelectorAll('.plot .small')[1].innerText":                 "1: 2 keys walked in 1 batch, 1 row changed, in 1.0 s",
		"[...document.querySelectorAll('svg[role=img]')].every(s => s.getAttribute('aria-label'))":                                      "true",
	})
	b.Fits(nil)
	b.FollowsColors()
	b.Quiet()
}

// Before the first up there is a page too.
func TestTimelineOfNothing(t *testing.T) {
	t.Parallel()
	page, err := HTML(Input{})
	if err != nil || !strings.Contains(string(page), "nothing has run yet") {
		t.Errorf("%v\n%s", err, page)
	}
}
