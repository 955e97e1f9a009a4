-- == up ==
{{- template "small" .small}}
{{- .t.SeesAll}}
-- A key that is absent or null becomes NULL. What does not fit {{if .skip}}becomes that too, and is counted{{else}}stops all of this{{end}}.
{{template "fit" .}}
            HINT = {{if .skip}}'Their columns are NULL; the documents keep them.'{{else}}'Fix the documents, or choose other types.'{{end}};
{{template "end of stuck"}}

ALTER TABLE {{.t.As}}
{{- range $i, $k := .list}}{{if $i}},{{end}}
    ADD COLUMN {{ident $k.Column}} {{$k.Type}}
{{- end}};

UPDATE {{.t.As}}
   SET {{range $i, $k := .list}}{{if $i}},
       {{end}}{{ident $k.Column}} = {{indent 7 ($k.Value (ident $.column))}}{{end}}
 WHERE {{ident .column}} ?| ARRAY[{{.keys}}];

-- == down ==
{{- template "small" .small}}
{{- .t.SeesAll}}
DO $check$ BEGIN
    IF EXISTS (SELECT FROM {{.t.As}} WHERE num_nonnulls({{.columns}}) > 0 AND NOT ({{.takes_keys}})) THEN
        RAISE EXCEPTION {{literal (print "documents in " .t.As "." (ident .column) " are no objects that could take the keys back")}};
    END IF;
END $check$;

-- What was written to the columns goes back into the documents.
{{- range .list}}
UPDATE {{$.t.As}}
   SET {{ident $.column}} = {{indent 7 (.Back (ident $.column) (ident .Column))}}
 WHERE {{$.takes_keys}}
   AND {{ident .Column}} IS DISTINCT FROM {{indent 7 (.Value (ident $.column))}};
{{end}}
ALTER TABLE {{.t.As}}
{{- range $i, $k := .list}}{{if $i}},{{end}}
    DROP COLUMN {{ident $k.Column}}
{{- end}};
