// Package shell writes and reads the words of a command as a shell takes them.
package shell

import (
	"fmt"
	"strings"

	"rung/internal/lazyre"
)

var (
	plain   = lazyre.New(`^[\w./=,@%+-]+$`)
	control = lazyre.New(`[\x00-\x1f\x7f]`)
)

// Quote writes a word as a shell takes it, on one line: control characters
// need the form $'…' of bash and zsh. Double quotes hold a single one without
// more ado, unless they hold what means something in them.
func Quote(s string) string {
	if plain.MatchString(s) {
		return s
	}
	if control.MatchString(s) {
		s = strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
		return "$'" + control.ReplaceAllStringFunc(s, func(c string) string { return fmt.Sprintf(`\x%02x`, c[0]) }) + "'"
	}
	if strings.Contains(s, "'") && !strings.ContainsAny(s, "\"$`\\!") {
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Split reads the words that Quote wrote.
func Split(line string) []string {
	var words []string
	var b strings.Builder
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == ' ':
			words = append(words, b.String())
			b.Reset()
			i++
		case strings.HasPrefix(line[i:], "$'"):
			i = unescape(&b, line, i+2)
		case c == '\'' || c == '"':
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 {
				end = len(line) - i - 1
			}
			b.WriteString(line[i+1 : i+1+end])
			i += end + 2
		case c == '\\' && i+1 < len(line):
			b.WriteByte(line[i+1])
			i += 2
		default:
			b.WriteByte(c)
			i++
		}
	}
	return append(words, b.String())
}

// unescape reads what stands in $'…', and returns where it goes on.
func unescape(b *strings.Builder, line string, i int) int {
	escapes := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t'}
	for i < len(line) && line[i] != '\'' {
		if line[i] != '\\' || i+1 == len(line) {
			b.WriteByte(line[i])
			i++
			continue
		}
		c := line[i+1]
		i += 2
		switch e, known := escapes[c]; {
		case known:
			b.WriteByte(e)
		case c == 'x' && i+2 <= len(line):
			b.WriteByte(hexDigit(line[i])<<4 | hexDigit(line[i+1]))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return i + 1
}

func hexDigit(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}
