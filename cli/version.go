package cli

import (
	"runtime"
	"runtime/debug"
	"slices"

	ucli "github.com/urfave/cli/v2"
)

// versionFlag does what the command of that name does.
const versionFlag = "version"

func versionCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "version",
		Usage:       "print rung's version",
		Description: "The same as `rung --version`: the module's version, or the commit that it was built from, and by which Go.",
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
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

// version is what the build says of itself: the module's version, or the
// commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if c := commit(); len(c) >= 12 {
		return "devel-" + c[:12]
	}
	return "devel"
}

// commit is the one that the binary was built from, or "" where the build did not
// know it, as that of a test.
func commit() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	i := slices.IndexFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" })
	if i < 0 {
		return ""
	}
	return info.Settings[i].Value
}
