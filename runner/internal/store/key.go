package store

import (
	"strings"

	"github.com/lib/pq"
)

// Key is a value of a batch's key, a text for each column. The empty key is
// the start of the table.
type Key []string

func (k Key) Array() string {
	v, err := pq.StringArray(k).Value()
	if err != nil || v == nil {
		return "{}"
	}
	return v.(string)
}

// String is the key for people.
func (k Key) String() string { return "(" + strings.Join(k, ", ") + ")" }
