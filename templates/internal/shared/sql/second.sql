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

{{.}}

SET LOCAL lock_timeout = '200ms';
{{- end}}
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
