package runner

import "rung/runner/internal/files"

// over puts the options that were given by flags over those of the directive.
func (given *BatchOverride) over(o files.BatchOptions) files.BatchOptions {
	if given == nil {
		return o
	}
	for _, set := range given.set {
		_ = o.ParseBatchOption(set[0], set[1]) // checked by Set
	}
	return o
}

// BatchOverride is a set of batch options given by flags. The zero value
// overrides nothing.
type BatchOverride struct{ set [][2]string }

// Set adds one option, in the directive's notation.
func (given *BatchOverride) Set(name, value string) error {
	var scratch files.BatchOptions
	if err := scratch.ParseBatchOption(name, value); err != nil {
		return err
	}
	given.set = append(given.set, [2]string{name, value})
	return nil
}
