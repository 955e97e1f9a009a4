{{- /* What enum-online and enum-rolling share: a second column that follows the first. */ -}}
{{- define "follow"}}
{{- template "begin follow" .}}
{{- range .Pairs}}
{{- if .Kept}}
    IF {{indent 7 .Kept}} IS DISTINCT FROM NEW.{{.From}}::{{.Cast}} THEN
        NEW.{{.To}} := {{indent 8 .Value}};
    END IF;
{{- else}}
    NEW.{{.To}} := {{indent 4 .Value}};
{{- end}}
{{- end}}
{{- template "end follow" .}}
{{- end}}
{{- define "begin follow"}}
CREATE FUNCTION {{.Function}}()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS {{.Quote}}
BEGIN
{{- end}}
{{- define "end follow"}}
    RETURN NEW;
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
{{- template "set defaults" .NoDefaults}}
{{end}}
{{- define "set defaults"}}
{{- range .}}
ALTER TABLE {{.Table}}
    ALTER COLUMN {{.Column}} {{if .Value}}SET DEFAULT {{.Value}}{{else}}DROP DEFAULT{{end}};
{{- end}}
{{- end}}
{{- /* What has a name leaves it, and what stands beside it takes it. */ -}}
{{- define "exchange names"}}
{{- range .Types}}
ALTER TYPE {{.Type}} {{if .Schema}}SET SCHEMA {{.Schema}}{{else}}RENAME TO {{.Name}}{{end}};
{{- end}}
{{- range .Columns}}
ALTER TABLE {{.Table}}
    RENAME COLUMN {{.Name}} TO {{.Leave}};
ALTER TABLE {{.Table}}
    RENAME COLUMN {{.Come}} TO {{.Name}};
{{- end}}
{{- range .Indexes}}
ALTER INDEX {{.Full}} RENAME TO {{.Leave}};
ALTER INDEX {{.ComeFull}} RENAME TO {{.Name}};
{{- if .Clustered}}
ALTER TABLE {{.Table}}
    CLUSTER ON {{.Name}};
{{- end}}
{{- if .Identity}}
ALTER TABLE {{.Table}}
    REPLICA IDENTITY USING INDEX {{.Name}};
{{- end}}
{{- end}}
{{- range .Checks}}
ALTER TABLE {{.Table}}
    RENAME CONSTRAINT {{.From}} TO {{.To}};
{{- end}}
{{- end}}
{{- define "second columns take over"}}
{{- template "exchange names" .o.Exchange}}
{{- template "set defaults" .o.NewDefaults}}
{{- end}}
{{- define "first columns take over"}}
{{- template "exchange names" .o.ExchangeBack}}
{{- range .o.Owed}}
{{- template "add proof" .}}
{{- end}}
{{- range .o.Tables}}
{{- $t := .}}
{{- range .NotNull}}
ALTER TABLE {{$t.T.As}}
    ALTER COLUMN {{.Fresh}} DROP NOT NULL;
{{- end}}
{{- end}}
{{- template "set defaults" .o.OldDefaults}}
{{- end}}
{{- define "prove first"}}
{{- range .o.Owed}}
{{- template "validate proof" .}}
{{- end}}
{{- range .o.Tables}}
{{- $t := .}}
{{- range .Columns}}
{{- if $.o.Relaxed .}}
ALTER TABLE {{$t.T.As}}
    ALTER COLUMN {{.Column}} SET NOT NULL;
ALTER TABLE {{$t.T.As}}
    DROP CONSTRAINT {{.ByRelaxed}};
{{- end}}
{{- end}}
{{- end}}
{{- end}}
{{- define "add proof"}}
ALTER TABLE {{.Table}}
{{- range $i, $c := .Constraints}}{{if $i}},{{end}}
    ADD CONSTRAINT {{.Name}} {{.Definition}} NOT VALID
{{- end}};
{{- range .Constraints}}
{{- if .Comment}}
COMMENT ON CONSTRAINT {{.Name}} ON {{$.Table}} IS {{literal .Comment}};
{{- end}}
{{- end}}
{{- end}}
{{- define "validate proof"}}
{{- with .Valid}}
ALTER TABLE {{$.Table}}
{{- range $i, $c := .}}{{if $i}},{{end}}
    VALIDATE CONSTRAINT {{.Name}}
{{- end}};
{{- end}}
{{- end}}
{{- define "prove second" -}}
-- What the switch relies on: both columns agree in every row, and the second
-- one passes what the first one must. Proved beside reads and writes.
{{- range .o.Proofs}}
BEGIN;

LOCK TABLE {{.Table}}
        IN SHARE UPDATE EXCLUSIVE MODE;
{{template "add proof" .}}

COMMIT;
{{template "validate proof" .}}
{{end}}
{{range .o.Replacements}}
{{- template "build index" .}}
{{- end}}

-- The planner knows the second columns before they are needed.
{{- range .o.Tables}}
ANALYZE {{.T.As}};
{{- end}}
{{- end}}
{{- define "build index"}}
CREATE {{if .Unique}}UNIQUE {{end}}INDEX CONCURRENTLY {{.Name}}
    ON {{.Table}} {{.Keys}};
{{- if .Constraint}}
ALTER TABLE {{.Table}}
    ADD CONSTRAINT {{.Name}} UNIQUE USING INDEX {{.Name}}{{.How}};
{{- end}}
{{- range .Targets}}
ALTER INDEX {{$.Full}} ALTER COLUMN {{.}};
{{- end}}
{{- with .Comment}}
COMMENT ON INDEX {{$.Full}} IS {{literal .}};
{{- end}}
{{- with .ConstraintComment}}
COMMENT ON CONSTRAINT {{$.Name}} ON {{$.Table}} IS {{literal .}};
{{- end}}
{{- end}}
{{- define "unprove second"}}
{{- range .o.Proofs}}

BEGIN;

LOCK TABLE {{.Table}}
        IN SHARE UPDATE EXCLUSIVE MODE;

ALTER TABLE {{.Table}}
{{- range $i, $c := .Constraints}}{{if $i}},{{end}}
    DROP CONSTRAINT IF EXISTS {{.Name}}
{{- end}};

COMMIT;
{{- end}}
{{range .o.Indexes}}
{{- if .Constraint}}
ALTER TABLE {{.Table}}
    DROP CONSTRAINT IF EXISTS {{.Fresh}};
{{- end}}
DROP INDEX CONCURRENTLY IF EXISTS {{.FreshFull}};
{{- end}}
{{- end}}
