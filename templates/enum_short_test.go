package templates

import (
	"strings"
	"testing"
)

const moods = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s, so', 'happy'); CREATE TABLE t (id int PRIMARY KEY, m mood); INSERT INTO t VALUES (1, 'sad'), (2, 'ok')"

// Nobody types all values to change one.
func TestEnumInShort(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"add=calm,'so, so'":                     "sad|ok|it's, so|happy|calm|so, so",
		"add=calm|after=sad":                    "sad|calm|ok|it's, so|happy",
		"add=calm|after='it''s, so'":            "sad|ok|it's, so|calm|happy",
		"remove=happy":                          "sad|ok|it's, so",
		"remove=happy|add=glad":                 "sad|ok|it's, so|glad",
		"rename=sad=low,'it''s, so'=well":       "low|ok|well|happy",
		"rename=sad=low|remove=happy|add=high":  "low|ok|it's, so|high",
		"remove=ok|map=ok=sad":                  "sad|it's, so|happy",
		"map=ok=sad|add=new":                    "sad|it's, so|happy|new",
		"rename=sad=ok,ok=sad":                  "ok|sad|it's, so|happy",
		"add=calm|after=low|rename=sad=low":     "low|calm|ok|it's, so|happy",
		"values=sad,ok,'it''s, so',happy,three": "sad|ok|it's, so|happy|three",
	} {
		r := newRig(t, moods)
		r.chooses = true
		r.add("enum", params(append(strings.Split(given, "|"), "type=mood")...))
		before := r.dump()
		r.up(0)
		r.rows("SELECT string_agg(v::text, '|') FROM unnest(enum_range(NULL::mood)) AS v", want)
		if strings.HasPrefix(given, "remove") || strings.HasPrefix(given, "rename") {
			r.down(1)
			r.same(given, before)
		}
	}
}

func TestEnumInShortRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, moods)
	for given, says := range map[string]string{
		"add=ok": "'ok' is a value of mood already", "remove=hapy": "did you mean happy?", "rename=sd=low": "did you mean sad?",
		"add=x|after=saad": "did you mean sad?", "add=x|values=a": "give either", "remove=sad": "1 of public.t.m are 'sad'", "way=slow|add=x": `there is no value of way "slow"`,
	} {
		r.refused("enum", params(append(strings.Split(given, "|"), "type=mood")...), says)
	}
}

// A value that goes while another comes may be a new name for it: that is asked, and
// both commands are shown where nobody can be.
func TestEnumAsksWhetherAValueWasRenamed(t *testing.T) {
	t.Parallel()
	r := newRig(t, moods)
	p := params("type=mood", "values=sad,ok,'it''s, so',glad")
	r.refused("enum", p, "'happy' of mood would go and 'glad' come: is that a new name?",
		"for a new name: --set type=mood --set rename=happy=glad;", "--set type=mood --set remove=happy --set add=glad")
	for answer, want := range map[bool]string{true: "enum-rename", false: "enum-swap"} {
		asked := ""
		r.ask = func(question string) (bool, error) { asked = question; return answer, nil }
		_, in, err := r.expand("enum", params("type=mood", "values=sad,ok,'it''s, so',glad"))
		if report := strings.Join(in.Report, "\n"); err != nil || asked != "was 'happy' renamed to 'glad'?" || !strings.Contains(report, "strategy "+want) {
			t.Errorf("%t: asked %q: %v: %s", answer, asked, err, report)
		}
	}
}

// Both ways can be asked for.
func TestEnumWays(t *testing.T) {
	t.Parallel()
	r := newRig(t, moods)
	for way, want := range map[string]string{"direct": "enum-swap", "online": "enum-online"} {
		_, in, err := r.expand("enum", params("type=mood", "values='it''s, so',sad,ok,happy", "way="+way))
		if err != nil || !strings.Contains(strings.Join(in.Report, "\n"), "strategy "+want) {
			t.Errorf("%s: %v: %s", way, err, in.Report)
		}
	}
}
