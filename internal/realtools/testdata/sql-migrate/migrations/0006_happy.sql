-- +migrate Up
CREATE VIEW happy AS SELECT p.id, count(n.person) AS notes FROM people AS p LEFT JOIN notes AS n ON n.person = p.id WHERE p.mood = 'happy' GROUP BY p.id;
-- +migrate StatementBegin
CREATE FUNCTION cheer(who bigint) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE
    was text;
BEGIN
    UPDATE people SET mood = 'happy' WHERE id = who RETURNING email INTO was;
    RETURN 'cheered; ' || was;
END;
$body$;
-- +migrate StatementEnd
SELECT cheer(1), cheer(2);

-- +migrate Down
DROP VIEW happy;
DROP FUNCTION cheer(bigint);
