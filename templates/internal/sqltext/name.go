package sqltext

import (
	"fmt"
	"hash/crc32"
	"strings"
)

// Name makes an object's name from parts. One that is longer than PostgreSQL's
// 63 bytes is cut in a way that keeps the last part whole, if it is a short one,
// and gets a hash of all of it: what tells two names apart may be what is cut off.
func Name(parts ...string) string {
	const most = 63
	whole := strings.Join(parts, "_")
	if len(whole) <= most {
		return whole
	}
	last := ""
	if l := parts[len(parts)-1]; len(l) <= most/2 {
		last = "_" + l
	}
	last = fmt.Sprintf("_%08x", crc32.ChecksumIEEE([]byte(whole))) + last
	return strings.ToValidUTF8(whole[:most-len(last)], "") + last
}

// Unlike is the name, with a number where it is taken.
func Unlike(name string, taken ...string) string {
	free := name
	for i := 2; Has(taken, free); i++ {
		free = fmt.Sprint(name, i)
	}
	return free
}

// Numbered is a suffix as PostgreSQL numbers its own: none at first, then 1, 2 …
func Numbered(suffix string, n int) string {
	if n == 0 {
		return suffix
	}
	return fmt.Sprint(suffix, n)
}
