CREATE VIEW happy AS SELECT p.id, count(n.person) AS notes FROM people AS p LEFT JOIN notes AS n ON n.person = p.id WHERE p.mood = 'happy' GROUP BY p.id;
CREATE FUNCTION cheer(who bigint) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE
    was text;
BEGIN
    UPDATE people SET mood = 'happy' WHERE id = who RETURNING email INTO was;
    RETURN 'cheered; ' || was;
END;
$body$;
SELECT cheer(1), cheer(2);
