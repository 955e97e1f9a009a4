// Package sqltext writes SQL: lists, names, literals, statements.
package sqltext

import (
	"fmt"
	"slices"
	"strings"
)

// QuoteMeta has words stand for themselves in one of the server's regular expressions.
func QuoteMeta(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		for _, r := range s {
			if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
				out[i] += `\`
			}
			out[i] += string(r)
		}
	}
	return out
}

// Has reports whether a list holds a value.
func Has(list []string, v string) bool { return slices.Contains(list, v) }

func Prefixed(prefix string, all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = prefix + s
	}
	return out
}

func OIDArray(all []int64) string {
	text := make([]string, len(all))
	for i, n := range all {
		text[i] = fmt.Sprint(n)
	}
	return "{" + strings.Join(text, ",") + "}"
}

func Reversed[T any](all []T) []T {
	out := slices.Clone(all)
	slices.Reverse(out)
	return out
}

func Unique(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}

func Join(all []string, f func(string) string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = f(s)
	}
	return strings.Join(out, ", ")
}

func JoinBy[T any](all []T, by string, f func(T) string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = f(s)
	}
	return strings.Join(out, by)
}
