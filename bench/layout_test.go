package main

import (
	"maps"
	"testing"
)

func TestLayouts(t *testing.T) {
	m := migration{version: 7, up: "CREATE TABLE t ();\n", down: "DROP TABLE t;\n"}
	for _, c := range []struct {
		name   string
		layout layout
		want   map[string]string
	}{
		{"pair", pairLayout, map[string]string{
			"000007_bench.up.sql":   "CREATE TABLE t ();\n",
			"000007_bench.down.sql": "DROP TABLE t;\n",
		}},
		{"goose", gooseLayout, map[string]string{
			"000007_bench.sql": "-- +goose Up\nCREATE TABLE t ();\n\n-- +goose Down\nDROP TABLE t;\n",
		}},
		{"dbmate", dbmateLayout, map[string]string{
			"000007_bench.sql": "-- migrate:up\nCREATE TABLE t ();\n\n-- migrate:down\nDROP TABLE t;\n",
		}},
		{"tern", ternLayout, map[string]string{
			"000007_bench.sql": "CREATE TABLE t ();\n\n---- create above / drop below ----\n\nDROP TABLE t;\n",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.layout(m); !maps.Equal(got, c.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}
