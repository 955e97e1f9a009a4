package task

import (
	"maps"
	"reflect"
	"strings"
	"unicode"
)

// Fields is what a body sees of a struct: each field under its name in snake case, as
// parameters are named, and those of a struct that is embedded.
func Fields(of any) map[string]any {
	all := map[string]any{}
	fieldsOf(reflect.ValueOf(of), all)
	return all
}

func fieldsOf(v reflect.Value, all map[string]any) {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous {
			fieldsOf(v.Field(i), all)
		} else {
			all[snake(f.Name)] = v.Field(i).Interface()
		}
	}
}

// snake writes AsText as as_text.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Again is what a body sees of a struct, and the parameters, for what may be there
// already: a down migration may begin where the way up stopped halfway.
func Again(in *Input, of any) map[string]any {
	again := map[string]any{}
	for name, value := range in.Params {
		again[name] = value
	}
	maps.Copy(again, Fields(of))
	again["or"] = " OR REPLACE"
	return again
}
