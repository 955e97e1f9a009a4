package show

import "testing"

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
		if got := Visible(s); got != want {
			t.Errorf("visible(%q) is %q, not %q", s, got, want)
		}
		if twice := Visible(Visible(s)); twice != want {
			t.Errorf("visible(visible(%q)) is %q", s, twice)
		}
	}
	if got := visibleLines("a\n\tb\x1b\r"); got != "a\n\tb"+`\x1b\r` {
		t.Errorf("visibleLines: %q", got)
	}
}
