package templates

import (
	"slices"
	"strings"

	"github.com/lib/pq"
)

// mustNotSort refuses definitions that ask which of two labels is greater, where
// texts would give another answer, and names views that sort their rows.
func (s *swap) mustNotSort(r *reader, in *Input) error {
	sorted := s.Old
	for _, by := range []string{`"C"`, `"default"`} { // a throwaway server may have another default
		var all []string
		err := r.tx.QueryRowContext(r.ctx, "SELECT array_agg(l ORDER BY l COLLATE "+by+") FROM unnest($1::text[]) AS l", pq.Array(s.Old)).Scan((*pq.StringArray)(&all))
		if err != nil {
			return err
		}
		if !slices.Equal(all, s.Old) {
			sorted = all
		}
	}
	if slices.Equal(sorted, s.Old) {
		return nil
	}
	var compare, sort []string
	of := func(class string) any { return pq.Array(r.h.oids[class]) }
	err := r.rows("ordered", func(scan func(...any) error) error {
		var what string
		var compares bool
		err := scan(&what, &compares)
		if compares {
			compare = append(compare, what)
		} else {
			sort = append(sort, what)
		}
		return err
	}, of("pg_rewrite"), of("pg_constraint"), pq.Array(slices.Concat(r.h.oids["i"], r.h.oids["I"])), of("pg_trigger"), of("pg_policy"), of("pg_attrdef"), of("pg_statistic_ext"), s.Enum.OID)
	if err != nil {
		return err
	}
	if len(compare) > 0 {
		return &Mistake{
			"texts sort as " + join(sorted, labelSQL) + ", and these ask for the order of labels, by <, >, BETWEEN, min(), max() or the like: " + strings.Join(compare, ", "),
			"drop these in a migration before and make them again in one after, with an order of their own, as by array_position(ARRAY[" + join(s.Old, labelSQL) + "], …)",
		}
	}
	if len(sort) > 0 {
		in.Sayf("these sort their rows by labels, and come to sort them as texts, %s: %s", join(sorted, labelSQL), strings.Join(sort, ", "))
	}
	return nil
}
