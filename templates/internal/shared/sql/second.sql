{{- /* What enum-online and enum-rolling share: a second column that follows the first. */ -}}
{{- define "follow"}}
CREATE FUNCTION {{.Function}}()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS {{.Quote}}
BEGIN
{{.Body}}    RETURN NEW;
END
{{.Quote}};

CREATE TRIGGER {{.Trigger}}
    BEFORE INSERT OR UPDATE ON {{.Table}}
    FOR EACH ROW EXECUTE FUNCTION {{.Function}}();

-- Also for what a subscription writes.
ALTER TABLE {{.Table}}
    ENABLE ALWAYS TRIGGER {{.Trigger}};
{{- end}}
{{- define "unfollow"}}
DROP TRIGGER {{.Trigger}} ON {{.Table}};

DROP FUNCTION {{.Function}}();
{{- end}}
{{- define "ahead"}}
SET LOCAL lock_timeout = '5s';

{{template "lock ahead" .}}

SET LOCAL lock_timeout = '200ms';
{{- end}}
{{- define "add columns"}}ALTER TABLE {{.Table}}
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    ADD COLUMN {{.Name}} {{.Type}}
{{- end}};
{{- range .Then}}
{{.}};
{{- end}}
{{end}}
{{- define "fill batch"}}UPDATE {{.Table}}
   SET {{range $i, $c := .Columns}}{{if $i}},
       {{end}}{{.Name}} = {{.Value}}{{end}}
 WHERE {{.InBatch}}
   AND {{if gt (len .Columns) 1}}({{end}}{{range $i, $c := .Columns}}{{if $i}}
    OR {{end}}{{.Name}} IS NULL AND {{.From}} IS NOT NULL{{end}}{{if gt (len .Columns) 1}}){{end}};
{{- end}}
{{- define "empty batch"}}UPDATE {{.T.As}}
   SET {{range $i, $c := .Columns}}{{if $i}},
       {{end}}{{.Fresh}} = NULL{{end}}
 WHERE {{.T.InBatch ""}}
   AND {{if gt (len .Columns) 1}}({{end}}{{range $i, $c := .Columns}}{{if $i}}
    OR {{end}}{{.Fresh}} IS NOT NULL{{end}}{{if gt (len .Columns) 1}}){{end}};
{{- end}}
{{- define "settle"}}
{{- range .Tables}}
{{- $t := .}}
{{- with .NotNull}}
ALTER TABLE {{$t.T.As}}
{{- range $i, $c := .}}{{if $i}},{{end}}
    ALTER COLUMN {{.Fresh}} SET NOT NULL
{{- end}};
{{- end}}
ALTER TABLE {{.T.As}}
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    DROP CONSTRAINT {{.Agree}}
{{- if .NotNull}},
    DROP CONSTRAINT {{.Filled}}
{{- end}}
{{- if $.Relaxed .}},
    ALTER COLUMN {{.Column}} DROP NOT NULL
{{- end}}
{{- end}};
{{- end}}
{{- range .Checks}}
ALTER TABLE {{.Table}}
    DROP CONSTRAINT {{.Name}};
{{- end}}
{{- range .DropDefaults}}
{{.}};
{{- end}}
{{end}}
{{- define "prove second" -}}
-- What the switch relies on: both columns agree in every row, and the second
-- one passes what the first one must. Proved beside reads and writes.
{{- range .o.Proofs}}
BEGIN;

{{.Ahead}}

{{.Make}}
COMMIT;

{{.Prove}}
{{end}}

{{with .o.Replacements}}
{{.}}
{{end}}
-- The planner knows the second columns before they are needed.
{{- range .o.Tables}}
ANALYZE {{.T.As}};
{{- end}}
{{- end}}
{{- define "unprove second"}}
{{- range .o.Proofs}}

BEGIN;

{{.Ahead}}

{{.Drop}}
COMMIT;
{{- end}}

{{.o.Untwin}}
{{- end}}
