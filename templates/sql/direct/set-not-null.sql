-- == up ==
{{- template "small" .small}}
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET NOT NULL;

-- == down ==
SET LOCAL lock_timeout = '200ms';
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} DROP NOT NULL;
