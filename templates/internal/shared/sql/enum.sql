{{- /* What the enum templates have in common. */ -}}
{{define "create enum"}}CREATE TYPE {{.Name}} AS ENUM (
{{- range $i, $l := .Values}}{{if $i}},{{end}}
    {{enumvalue $l}}
{{- end}}
);
{{- range .Then}}
{{.}};
{{- end}}
{{end}}
{{- define "lock exclusive"}}LOCK TABLE {{range $i, $t := .}}{{if $i}},
           {{end}}{{$t}}{{end}}
        IN ACCESS EXCLUSIVE MODE;{{end}}
{{- define "lock ahead"}}LOCK TABLE {{range $i, $t := .}}{{if $i}},
           {{end}}{{$t}}{{end}}
        IN SHARE UPDATE EXCLUSIVE MODE;{{end}}
{{- define "lock together"}}SET LOCAL lock_timeout = '5s';

-- PostgreSQL cancels an autovacuum for this lock; nobody else waits for it.
{{template "lock ahead" .Tables}}

-- Shorter than deadlock_timeout: no reader or writer fails of a deadlock. If another
-- session blocks this for longer, rung rolls back and retries all of it.
SET LOCAL lock_timeout = '200ms';
{{- with .DropViews}}

-- Views first: whoever reads one holds it while it waits for the tables.
{{.}}
{{- end}}

{{template "lock exclusive" .Tables}}
{{- end}}
{{- define "alter type"}}
{{- template "alter alone" .Before}}
{{- range .Tables}}
ALTER TABLE {{.Table}}
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
{{- if .Default}}
    ALTER COLUMN {{.Column}} DROP DEFAULT,
{{- end}}
    ALTER COLUMN {{.Column}} TYPE {{.Type}}
        USING {{.Using}}
{{- if .Default}},
    ALTER COLUMN {{.Column}} SET DEFAULT {{.Default}}
{{- end}}
{{- if .Storage}},
    ALTER COLUMN {{.Column}} SET STORAGE {{.Storage}}
{{- end}}
{{- if .Compression}},
    ALTER COLUMN {{.Column}} SET COMPRESSION {{.Compression}}
{{- end}}
{{- end}};
{{- end}}
{{- template "alter alone" .After}}
{{end}}
{{- define "alter alone"}}
{{- range .}}
ALTER TABLE ONLY {{.Table}}
    ALTER COLUMN {{.Column}} {{.Does}};
{{- end}}
{{- end}}
{{- /* Which row had which of the values that become one: kept, given back, and dropped. */ -}}
{{- define "keep values"}}
{{- range .}}
CREATE TABLE {{.Name}} AS
SELECT {{.Key}}{{range .Columns}}, {{.Column}}::{{.Cast}} AS {{.Column}}{{end}}
  FROM {{.Table}}
 WHERE {{range $i, $c := .Columns}}{{if $i}}
    OR {{end}}{{.Lost}}{{end}};
ALTER TABLE {{.Name}}
    ADD PRIMARY KEY ({{.Key}});
{{- end}}
{{- end}}
{{- define "restore values"}}
{{- range .}}
{{- $side := .}}
{{- range .Quiet}}
ALTER TABLE {{.Table}}
    DISABLE {{.What}};
{{- end}}
{{- range .Columns}}
UPDATE {{$side.Table}} AS t
   SET {{.Column}} = {{.Value}}
  FROM {{$side.Name}} AS b
 WHERE {{$side.On}}
   AND {{.Kept}}
   AND {{.Now}} = {{.Became}};
{{- end}}
{{- range .Quiet}}
ALTER TABLE {{.Table}}
    {{.Again}} {{.What}};
{{- range .Copies}}
{{.}};
{{- end}}
{{- end}}
{{- end}}
{{- end}}
{{- define "drop kept"}}
{{- range .}}
DROP TABLE {{.Name}};
{{- end}}
{{- end}}
{{- define "rows lack"}}DO {{.Quote}}
DECLARE
    found text;
BEGIN
    SELECT string_agg(format('%s of %s are %L', n, place, label), '; ' ORDER BY place, label)
      INTO found
      FROM (
{{- range $i, $p := .Places}}{{if $i}}
             UNION ALL{{end}}
            SELECT {{literal .Name}} AS place, {{.Value}}::text AS label, count(*) AS n
              FROM {{.From}}
             WHERE {{.Value}} IN ({{enumvalues $.Gone}})
             GROUP BY 2
{{- end}}
           ) AS counts;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION 'rows have values that the new type lacks: %', found
              USING HINT = 'Give these rows another value first. Nothing has been changed.';
    END IF;
END
{{.Quote}};{{end}}
{{define "old columns go"}}
{{- range .o.Tables}}
{{template "unfollow" $.o.Backward .}}

{{template "unused" ($.o.Gone .)}}

-- The old column's indexes go with it.
ALTER TABLE {{.T.As}}
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    DROP COLUMN {{.Former}}
{{- end}};
{{- end}}
{{- with .o.Alone}}
{{range .}}
DROP INDEX {{.FormerFull}};
{{- end}}
{{- end}}

-- Without CASCADE: did anything still use the old type, this would fail.
DROP TYPE {{.o.FormerType}};
{{end}}
