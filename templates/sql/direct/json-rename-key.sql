-- == up ==
{{- template "small" .small}}
{{- .t.SeesAll}}
{{- template "both" .}}

-- Which documents have the new key already: they stay as they are, also on the way
-- back. A later migration may drop it.
{{- template "side" .}}
ALTER TABLE {{.side}}
    ADD PRIMARY KEY ({{.t.KeyList}});

UPDATE {{.t.As}}
   SET {{ident .column}} = {{template "rename" .forth}}
 WHERE {{indent 3 .forth.has}}
   AND NOT EXISTS (SELECT FROM {{.side}} AS {{.noted}} WHERE {{.t.On .noted .t.As}});

-- == down ==
{{- template "small" .small}}
{{- .t.SeesAll}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{template "rename" .back}}
 WHERE {{indent 3 .back.alone}}
   AND NOT EXISTS (SELECT FROM {{.side}} AS {{.noted}} WHERE {{.t.On .noted .t.As}});

DROP TABLE {{.side}};
