package cli

import (
	"runtime/debug"

	ucli "github.com/urfave/cli/v2"
)

// versionFlag does what the command of that name does.
const versionFlag = "version"

func versionCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "version",
		Usage:       "print rung's version",
		Description: "The same as `rung --version`: the module's version, or the commit that it was built from.",
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			t.say("rung version %s", version())
			return t.finish(&jsonVersion{Version: version()})
		},
	}
}

type jsonVersion struct {
	jsonResult
	Version string `json:"version"`
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
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}
