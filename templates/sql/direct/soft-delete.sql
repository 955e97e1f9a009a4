-- == up ==
{{- template "small" .small}}
{{- .t.SeesAll}}
{{- if .readers}}
-- These read {{ident .column}}. Have them read the flag before that column goes:
{{- range .readers}}
--   {{.}}
{{- end}}
{{end}}
ALTER TABLE {{.t.As}}
    ADD COLUMN {{ident .flag}} boolean NOT NULL DEFAULT false;

UPDATE {{.t.As}}
   SET {{ident .flag}} = true
 WHERE {{ident .column}} IS NOT NULL;
{{range .indexes}}
DROP INDEX {{.OldFull}};
{{.Create}} {{.Old}}
    ON {{$.t.As}} {{.After}};
{{- if .Said}}
COMMENT ON INDEX {{.OldFull}} IS {{literal .Said}};
{{- end}}
{{end}}
-- Whichever of the two an application writes, the other follows.
{{- template "trigger" .}}

-- == down ==
{{- template "small" .small}}
{{- .t.SeesAll}}
DROP TRIGGER {{ident .inserted}} ON {{.t.As}};
DROP TRIGGER {{ident .trigger}} ON {{.t.As}};
DROP FUNCTION {{.function}}();

-- The triggers have kept both right, but for what they did not see, as what a
-- subscription writes: there the flag is what counts.
UPDATE {{.t.As}}
   SET {{ident .column}} = CASE WHEN {{ident .flag}} THEN coalesce({{ident .column}}, now()) END
 WHERE {{ident .flag}} <> ({{ident .column}} IS NOT NULL);

-- Its indexes go with it.
ALTER TABLE {{.t.As}}
    DROP COLUMN {{ident .flag}};
{{range .indexes}}
{{.Create}} {{.Old}}
    ON {{$.t.As}} {{.Before}};
{{- if .Said}}
COMMENT ON INDEX {{.OldFull}} IS {{literal .Said}};
{{- end}}
{{end}}
