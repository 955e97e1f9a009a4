package cli

import (
	"runtime"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
)

func versionCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "version",
		Usage: "print rung's version",
		UsageText: cmdline.Examples(
			"rung version --json", "print it as JSON",
		),
		Description: "The same as `rung --version`: the module's version, or the commit that it was built from, and by which Go.",
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			o := &jsonVersion{Version: version(), Commit: commit(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
			t.say("rung version %s", o.Version)
			if o.Commit != "" {
				t.say("commit %s", o.Commit)
			}
			t.say("built with %s for %s", o.Go, o.Platform)
			return t.finish(o)
		},
	}
}

type jsonVersion struct {
	jsonResult
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}
