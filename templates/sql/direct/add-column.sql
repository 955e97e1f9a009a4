-- == up ==
{{- template "small" .small}}
{{- .t.SeesAll}}
ALTER TABLE {{.t.As}}
    ADD COLUMN {{ident .column}} {{.type}};

UPDATE {{.t.As}}
   SET {{ident .column}} = {{.value}};
{{- if or .default (not .nullable)}}

ALTER TABLE {{.t.As}}
{{- if .default}}
    ALTER COLUMN {{ident .column}} SET DEFAULT {{.default}}{{if not .nullable}},{{end}}
{{- end}}
{{- if not .nullable}}
    ALTER COLUMN {{ident .column}} SET NOT NULL
{{- end}};
{{- end}}

-- == down ==
SET LOCAL lock_timeout = '200ms';
ALTER TABLE {{.t.As}}
    DROP COLUMN {{ident .column}};
