-- == up ==
{{- template "small" .small}}
{{- .t.SeesAllOf}}
{{- if .keep}}
-- What the down migration needs: which rows were changed, what they held, and what they
-- were filled with. A later migration may drop it.
CREATE TABLE {{.side}} AS
SELECT {{.t.KeyList}}, {{ident .column}}, {{ident .column}} AS {{ident .filled}}
  FROM {{.t.As}}
 WHERE {{.where}};
ALTER TABLE {{.side}}
    ADD PRIMARY KEY ({{.t.KeyList}});

UPDATE {{.t.As}}
   SET {{ident .column}} = {{.value}}
 WHERE ({{.t.KeyList}}) IN (SELECT {{.t.KeyList}} FROM {{.side}});

UPDATE {{.side}} AS b
   SET {{ident .filled}} = t.{{ident .column}}
  FROM {{.t.As}} AS t
 WHERE {{.t.On "b" "t"}};
{{- else}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{.value}}
 WHERE {{.where}};
{{- end}}

-- == down ==
{{- if .keep}}
{{- template "small" .small}}
{{- .t.SeesAllOf}}
-- What somebody has changed since then stays.
UPDATE {{.t.As}} AS t
   SET {{ident .column}} = b.{{ident .column}}
  FROM {{.side}} AS b
 WHERE {{.t.On "b" "t"}}
   AND t.{{ident .column}}{{.as_text}} IS NOT DISTINCT FROM b.{{ident .filled}}{{.as_text}};

DROP TABLE {{.side}};
{{- else}}
-- rung:irreversible the values that were there before are not kept
{{- end}}
