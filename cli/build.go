package cli

import (
	"runtime/debug"
	"slices"
)

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
