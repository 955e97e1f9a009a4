package shared

import (
	"rung/templates/internal/catalog"
)

// FitCheck is what shared/fits.sql tests before a column is added: that what
// the rows will have in it fits its type, as in an assignment. A cast would cut
// what is too long, and keep silent.
type FitCheck struct {
	T                *catalog.Table
	Type, Expression string
	// Where chooses the rows; all for "". Shown tells of one in messages.
	Where, Shown string
	NotNull      bool
	Says, Hint   string
}
