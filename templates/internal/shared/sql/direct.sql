{{- /* The head of a direct file: the lock, and a look whether the table is still small. */ -}}
{{define "small"}}
{{with .Does}}-- {{.}}
{{end}}SET LOCAL lock_timeout = '200ms';
SET LOCAL statement_timeout = '2s';
{{.Lock}}
DO $check$ BEGIN
    IF {{.Bytes}} > {{.Limit}} THEN
        RAISE EXCEPTION {{.Grown}};
    END IF;
END $check$;
{{end}}
