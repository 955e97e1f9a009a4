package templates

import "context"

// sideTables keep, for rows whose labels are merged, what they had before.
type sideTables struct{}

func (in *Input) sideTables(ctx context.Context, c *change) (*sideTables, error) { return nil, nil }
func (t *sideTables) keep() string                                               { return "" }
func (t *sideTables) restore(s *swap) string                                     { return "" }
func (t *sideTables) forget() string                                             { return "" }
func (s *swap) irreversible() string {
	if s.Merged && s.side == nil {
		return "labels were merged, and no key tells which row had which"
	}
	return ""
}
