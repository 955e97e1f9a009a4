package templates

import "context"

// looks are the built-in templates' eyes.
var looks = map[string]lookFunc{
	"backfill":     lookBackfill,
	"set-not-null": lookSetNotNull,
}

func lookBackfill(ctx context.Context, in *Input) (map[string]any, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := t.Column(in.Params["column"]); err != nil {
		return nil, err
	}
	key, err := t.BatchKey()
	if err != nil {
		return nil, err
	}
	in.Sayf("%s: about %d rows; in batches over %s", t.As, t.Rows, key)
	in.Sayf("locks: the rows of one batch at a time")
	return map[string]any{"t": t, "key": key}, nil
}

func lookSetNotNull(ctx context.Context, in *Input) (map[string]any, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if col.NotNull {
		return nil, refusef("%s.%s is NOT NULL already", t.As, Ident(col.Name))
	}
	in.Sayf("locks: ACCESS EXCLUSIVE on %s three times, for a moment each; the scan lets reads and writes through", t.As)
	return map[string]any{"t": t, "check": Name(t.Name, col.Name, "not_null")}, t.MayAlter()
}

// table looks up the parameter `table`.
func (in *Input) table(ctx context.Context) (*Table, error) {
	if in.DB == nil {
		return nil, &Mistake{"this template must look at the schema", "leave --offline out"}
	}
	return in.DB.Table(ctx, in.Params["table"])
}
