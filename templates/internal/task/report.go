package task

import (
	"fmt"
	"strings"

	"rung/templates/internal/sqltext"
)

// A throwaway server that the directory was applied to has the real schema, but
// neither its rows nor what was done to it by hand. What a report says of
// those is noted here, so that it also says where they are from.

// About is a number of rows for a person.
func (in *Input) About(rows int64) string {
	if in.DB == nil {
		return "rows not counted"
	}
	if rows < 0 {
		return "rows not counted, since it was never analyzed"
	}
	in.counted = true
	return fmt.Sprintf("about %d rows", rows)
}

// SayRewrite reports a rewrite, which lasts as long as the tables are big.
func (in *Input) SayRewrite(tables []string, rows, bytes int64) {
	in.rewritten = true
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for the whole file, %s; %s, %s, rewritten once", strings.Join(tables, ", "), Lasts(bytes), in.About(rows), sqltext.Size(bytes))
}

// Lasts is how long a rewrite takes, for a person. On small machines it went at 30
// to 80 MB a second, indexes and all.
func Lasts(bytes int64) string {
	const rate = 50 << 20
	switch seconds := bytes / rate; {
	case seconds < 1:
		return "less than a second"
	case seconds < 120:
		return fmt.Sprintf("some %d s at 50 MB a second", seconds)
	default:
		return fmt.Sprintf("some %d min at 50 MB a second", seconds/60)
	}
}

// SayThrowaway says what the report has from a throwaway server. Asked is the
// template that the person named, did the one that wrote the files.
func (in *Input) SayThrowaway(asked, did string) {
	if in.DB == nil || !in.DB.Throwaway || !in.counted {
		return
	}
	if !in.rewritten {
		in.Sayf("rows are counted on the throwaway server to which the directory was applied; --database-url counts the real ones")
		return
	}
	big := ""
	switch {
	case asked == "enum" && did == "enum-swap":
		big = "; for big tables add --set strategy=enum-online or strategy=enum-retire"
	case did == "enum-swap":
		big = "; for big tables take --template enum-online or enum-retire"
	}
	in.Sayf("sizes are those of the throwaway server to which the directory was applied, not of the real tables: --database-url reads those%s", big)
}
