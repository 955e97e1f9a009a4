{{- /* Counts the rows that do not fit, and gives examples of them: between the two stand
the expression of one, AS example, the rest of the query, and what to RAISE. */ -}}
{{define "stuck"}}DO $check$
#variable_conflict use_column
DECLARE
    many bigint;
    examples text;
BEGIN
    SELECT count(*), string_agg(example, '; ') FILTER (WHERE n <= 5)
      INTO many, examples
      FROM (SELECT row_number() OVER () AS n,{{end}}
{{define "end of stuck"}}    END IF;
END
$check$;{{end}}
