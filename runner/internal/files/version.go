package files

import (
	"cmp"
	"fmt"
	"strings"
)

// Version is a migration's number in decimal digits without leading zeros, of
// any width: a counter or a timestamp. "07" and "7" are the same version.
type Version string

// ParseVersion reads decimal digits. It refuses anything else.
func ParseVersion(s string) (Version, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return "", fmt.Errorf("version %q is not a number", s)
	}
	v := strings.TrimLeft(s, "0")
	if v == "" {
		v = "0"
	}
	return Version(v), nil
}

// Compare orders versions as numbers: 9 before 10. The result is as of cmp.Compare.
func (v Version) Compare(w Version) int {
	if c := cmp.Compare(len(v), len(w)); c != 0 {
		return c
	}
	return cmp.Compare(v, w)
}
