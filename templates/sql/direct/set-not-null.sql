-- == up ==
{{- template "small" .small}}
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET NOT NULL;

-- == down ==
-- {{.t.As}} is locked for a moment, and no row is looked at.
SET LOCAL lock_timeout = '200ms';
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} DROP NOT NULL;
