package enum

import (
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// mapAndValues reads the parameters map and values.
func mapAndValues(in *task.Input) (pairs []words.Pair, values []string, err error) {
	if pairs, err = words.SplitMap(in.Params["map"]); err != nil {
		return nil, nil, err
	}
	values, err = words.SplitList(in.Params["values"])
	return pairs, values, err
}
