package oncitus

import "rung/internal/citus"

// Answer is what a template does for one kind of table. The zero value refuses.
type Answer struct {
	Works bool
	// Why is what Citus would refuse, and Instead what to do about it.
	Why, Instead string
}

// Answers are what a template does for the tables of a Citus cluster.
type Answers struct {
	Sharded, Everywhere, Kept Answer
	// Writes is the parameter with the column whose values change, or whose type.
	Writes string
	// Value is the parameter with the expression that an UPDATE of all shards works out.
	Value string
}

// For is the answer for one kind.
func (a Answers) For(kind citus.Spread) Answer {
	switch kind {
	case citus.Everywhere:
		return a.Everywhere
	case citus.Kept:
		return a.Kept
	}
	return a.Sharded
}

// Works is a template whose statements were all seen to run on a cluster's tables, of
// each kind (docs/citus.md).
func Works() Answers {
	yes := Answer{Works: true}
	return Answers{Sharded: yes, Everywhere: yes, Kept: yes}
}

// Changes is the same for one that changes what is in the column of a parameter.
func Changes(column string) Answers {
	a := Works()
	a.Writes = column
	return a
}

// Fills is the same for one that fills a column with the expression of another one.
func Fills(column, value string) Answers {
	a := Changes(column)
	a.Value = value
	return a
}

// Refused is a template that runs on no table of a cluster.
func Refused(why, instead string) Answers {
	no := Answer{Why: why, Instead: instead}
	return Answers{Sharded: no, Everywhere: no, Kept: no}
}

// unsaid is what is said of a template that nobody answered for.
const unsaid = "nobody has said whether its statements run there"
