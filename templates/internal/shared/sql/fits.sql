{{define "fits"}}
-- Rows that do not fit are named before anything is changed: fast while there are none,
-- row by row otherwise.
DO $check$
#variable_conflict use_column
DECLARE
    row_in_way record;
    fitting {{.Type}};
    many bigint := 0;
    examples text;
    why text;
BEGIN
    FOR fitting IN SELECT {{.Expression}} FROM {{.T.As}}{{if .Where}} WHERE {{.Where}}{{end}}
    LOOP
{{- if .NotNull}}
        IF fitting IS NULL THEN
            RAISE data_exception;
        END IF;
{{- else}}
        NULL;
{{- end}}
    END LOOP;
EXCEPTION WHEN data_exception OR integrity_constraint_violation OR cardinality_violation OR program_limit_exceeded OR feature_not_supported OR plpgsql_error THEN
    FOR row_in_way IN SELECT {{.T.KeyList}}, {{.Shown}} AS example
                        FROM {{.T.As}}
{{- if .Where}}
                       WHERE {{.Where}}
{{- end}}
    LOOP
        BEGIN
            fitting := (SELECT {{.Expression}} FROM {{.T.As}} WHERE {{.T.On .T.As "row_in_way"}});
{{- if .NotNull}}
            CONTINUE WHEN fitting IS NOT NULL;
            why := 'NULL';
{{- else}}
            CONTINUE;
{{- end}}
        EXCEPTION WHEN data_exception OR integrity_constraint_violation OR cardinality_violation OR program_limit_exceeded OR feature_not_supported OR plpgsql_error THEN
            why := SQLERRM;
        END;
        many := many + 1;
        IF many <= 5 THEN
            examples := concat_ws('; ', examples, row_in_way.example || ' (' || why || ')');
        END IF;
    END LOOP;
    RAISE EXCEPTION USING
        MESSAGE = many || {{literal .Says}},
        DETAIL = 'For example: ' || examples,
        HINT = {{literal .Hint}};
END
$check$;
{{end}}
