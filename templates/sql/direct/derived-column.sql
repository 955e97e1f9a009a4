-- == up ==
{{- template "small" .small}}
{{- .t.SeesAll}}
{{- .source.SeesAll}}
ALTER TABLE {{.t.As}}
    ADD COLUMN {{ident .column}} {{.type}}{{if .required}} NOT NULL DEFAULT {{.default}}{{end}};

-- A row to which none of {{.source.As}} belongs has {{if .required}}the default{{else}}none{{end}}.
UPDATE {{.t.As}} AS {{.p}}
   SET {{ident .column}} = {{.joined}}.value
  FROM (SELECT {{idents .from}}, {{.value}} AS value
          FROM {{.source.As}}
{{- if .where}}
         WHERE {{.where}}
{{- end}}
         GROUP BY {{idents .from}}) AS {{.joined}}
 WHERE ({{fields .joined .from}}) = ({{.keys}});
{{- if .keep}}
{{template "triggers" .}}
{{- end}}

-- == down ==
SET LOCAL lock_timeout = '200ms';
{{- if .keep}}
LOCK TABLE {{.t.As}} IN ACCESS EXCLUSIVE MODE;
{{template "no triggers" .}}
{{end}}
ALTER TABLE {{.t.As}}
    DROP COLUMN {{ident .column}};
