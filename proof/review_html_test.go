package proof

import (
	"strings"
	"testing"

	"rung/internal/browser"
)

// openReviewPage is the page of a review whose files do their worst to a page.
func openReviewPage(t *testing.T) *browser.Browser {
	t.Helper()
	r := mustReview(t, ReviewConfig{From: version("2"), Dir: directory(t,
		"1_setup.up.sql", reviewSetup,
		"2_case.up.sql", `ALTER TABLE users ALTER COLUMN age SET NOT NULL; CREATE TABLE "<script>complain()</script>" (id bigint);
COMMENT ON TABLE users IS '</pre></style><script>complain()</script><img src=x onerror=complain()>';
CREATE USER MAPPING FOR public SERVER nowhere OPTIONS (password 'hunter2');`,
		"2_case.down.sql", "-- rung:irreversible <b>no</b>",
		"3_index.up.sql", "CREATE INDEX CONCURRENTLY users_age ON users (age);", "3_index.down.sql", "DROP INDEX CONCURRENTLY users_age;",
		"4_quiet.up.sql", "SELECT 1;", "4_quiet.down.sql", "SELECT 1;",
		"5_quiet.up.sql", "SELECT 1;", "5_quiet.down.sql", "SELECT 1;",
	)})
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "hunter2") {
		t.Error("the page shows a password")
	}
	return browser.Open(t, page)
}

// The page shows what it is told as text, loads and runs nothing, is wholly
// usable by keyboard, and fits narrow and wide screens.
func TestReviewPage(t *testing.T) {
	t.Parallel()
	b := openReviewPage(t)
	b.Is(map[string]string{
		"document.scripts.length + document.images.length":                                                                "0",
		"document.querySelectorAll('details').length":                                                                     "4",
		"document.querySelectorAll('details[open]').length":                                                               "1",
		"document.querySelectorAll('details[open] .file').length":                                                         "2",
		"document.querySelector('details .statement pre').innerText":                                                      "ALTER TABLE users ALTER COLUMN age SET NOT NULL",
		"document.querySelector('.finding .head').innerText.startsWith('danger: every row of public.users')":              "true",
		"document.body.innerText.includes('<script>complain()</script>')":                                                 "true",
		"document.body.innerText.includes('Irreversible: <b>no</b>')":                                                     "true",
		"new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size == document.querySelectorAll('[id]').length": "true",
		"[...document.querySelectorAll('a')].every(a => document.getElementById(a.hash.slice(1)))":                        "true",
		"getComputedStyle(document.querySelector('.finding')).borderLeftWidth":                                            "4px",
		"[...document.querySelectorAll('svg[role=img]')].every(s => s.getAttribute('aria-label'))":                        "true",
		"document.querySelector('.statement svg').getAttribute('aria-label')":                                             "ACCESS EXCLUSIVE on public.users, reads and writes wait, until line 3",
		"(() => { const r = document.querySelectorAll('.statement svg rect'); return r[2].getAttribute('width') })()":     "100.00%",
		"(() => { const r = document.querySelectorAll('.statement svg rect'); return r[1].getAttribute('width') })()":     "25.00%",
	})
	b.Fits(func(pixels int) {
		sideBySide := b.Value("(() => { const f = document.querySelectorAll('details[open] .file'); return f[0].offsetTop == f[1].offsetTop })()")
		if want := map[bool]string{true: "true", false: "false"}[pixels > 900]; sideBySide != want {
			t.Errorf("at %d pixels up and down are side by side: %s", pixels, sideBySide)
		}
	})
	keyboard(t, b)
	b.Quiet()
}

// keyboard folds and unfolds a version without a mouse.
func keyboard(t *testing.T, b *browser.Browser) {
	t.Helper()
	const focused = "document.activeElement.tagName + ' ' + document.activeElement.innerText.split(' ')[0].trim()"
	var seen []string
	for range 20 {
		b.Press("Tab", "", 9)
		at := b.Value(focused)
		seen = append(seen, at)
		if at == "SUMMARY 4_quiet" {
			break
		}
	}
	if seen[len(seen)-1] != "SUMMARY 4_quiet" {
		t.Fatalf("Tab never comes to a folded version: %v", seen)
	}
	const open = "document.activeElement.parentElement.open"
	for _, want := range []string{"true", "false"} {
		b.Press("Enter", "\r", 13)
		if got := b.Value(open); got != want {
			t.Errorf("Enter makes it %s, want open: %s", got, want)
		}
	}
}

// A page's colours follow the system's, and what is folded is printed.
func TestReviewPageDark(t *testing.T) {
	t.Parallel()
	b := openReviewPage(t)
	b.FollowsColors()
	b.Is(map[string]string{"[...document.querySelectorAll('details:not([open]) .file')].every(f => f.checkVisibility({contentVisibilityAuto: true}))": "true"})
}
