package main

import (
	"strings"
	"testing"
)

func TestBadFlags(t *testing.T) {
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"-runs 0", "-runs is at least 1", 2},
		{"more", "unexpected arguments: [more]", 2},
		{"-only lnk", `no scenario is called "lnk"; there are link, link-idle, idle, many, copy`, 2},
		{"-only link,live", "trials have a report of their own: run live without link", 2},
		{"-only live,enum", "live and enum have reports of their own: run one after the other", 2},
		{"-only live -without goose", "-without leaves tools out of scenarios", 2},
		{"-only live -rows 5", "-rows is at least 10", 2},
		{"-only live more", "unexpected arguments: [more]", 2},
		{"-only live -runs 0", "-runs is at least 1", 2},
		{"-rows 100", "-rows is for the trials", 2},
		{"-without gose", `no tool is called "gose"`, 2},
	} {
		t.Run(c.args, func(t *testing.T) {
			var out, errs strings.Builder
			status := run(t.Context(), strings.Fields(c.args), &out, &errs)
			if status != c.status || !strings.Contains(errs.String(), c.want) {
				t.Errorf("status %d, stderr %q", status, errs.String())
			}
			if out.Len() > 0 {
				t.Errorf("stdout %q", out.String())
			}
		})
	}
}

func TestQuickIsOneRunUnlessSaid(t *testing.T) {
	for args, want := range map[string]int{"": 5, "-quick": 1, "-quick -runs 3": 3, "-runs 7": 7} {
		opts, err := parseFlags(strings.Fields(args), nil)
		if err != nil || opts.runs != want {
			t.Errorf("%q: %d runs, %v", args, opts.runs, err)
		}
	}
}
