package backfill

import (
	"fmt"
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/runner/internal/files"
)

// ComparisonOf compares by the operator class. Whole rows are compared by one
// operator's name for all columns, so columns of two schemas leave it to the
// search_path. Mixed is true where that is not sure to find them: it is for a
// type's own operators if they are visible, as nothing matches better.
func ComparisonOf(all []KeyOperators) (c Comparison, mixed bool) {
	for i, o := range all {
		own := InCatalog
		if o.above != "" && o.upto != "" && o.upfrom != "" {
			own = Comparison{o.above, o.upto, o.upfrom}
		}
		if i == 0 {
			c = own
		} else if c != own {
			return BySearchPath, slices.ContainsFunc(all, func(o KeyOperators) bool { return o.above == "" })
		}
	}
	return c, false
}

// checkOperators sets how the walk compares, and refuses a batch whose own comparisons would be another
// type's. One that names its operators knows what it does, as long as the walk
// can do so too.
func (k *Walk) checkOperators(all []KeyOperators) error {
	var mixed bool
	if k.by, mixed = ComparisonOf(all); mixed {
		return BadKey(k.Run, OfTwoSchemas(k.columns))
	}
	i := slices.IndexFunc(all, func(o KeyOperators) bool { return !o.visible })
	if i < 0 || k.by != BySearchPath && NamesOperators(k.Run.Script, k.Run.Step()) {
		return nil
	}
	return BadKey(k.Run, OtherOrder(k.columns))
}

// OfTwoSchemas is a key that no comparison of whole rows can name.
func OfTwoSchemas(columns []string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("the columns of the key (%s) are compared by operators of two schemas, which no comparison of whole rows can name", strings.Join(columns, ", ")),
		Fix:  "batch by one of the columns that is unique, or by another key",
	}
}

// OtherOrder is a batch whose own comparisons are another type's.
func OtherOrder(columns []string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("the search_path lacks the operators of the key's type, so BETWEEN would compare otherwise than the index of (%s) does", strings.Join(columns, ", ")),
		Fix:  "SET search_path above the batch so that it has the schema of that type",
	}
}

var operatorWord = lazyre.New(`(?i)\bOPERATOR\s*\(`)

// NamesOperators reports whether each statement that is bounded by the key names
// an operator with its schema.
func NamesOperators(s *files.Script, step files.Step) bool {
	for _, st := range s.Parsed.Statements[step.First:step.Last] {
		if st.Params != 0 && !operatorWord.MatchString(st.Text[st.Lead:]) {
			return false
		}
	}
	return true
}
