-- == up ==
{{- template "small" .small}}
{{- .t.SeesAll}}
{{- template "tables" .}}
{{template "values" .}}
{{template "links" .}}

-- == down ==
{{- template "small" .small}}
{{- .t.SeesAll}}
{{- template "unlistable" .}}

-- What was written to the tables goes back into the column. A list that says the
-- same stays as it is, spacing and all.
{{- template "list again" .}}

DROP TABLE {{.link_table}};
{{- if not .given}}
DROP TABLE {{.values_table}};
{{- end}}
