-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags --set way=online

-- Locks: reads and writes of posts wait for a moment; writes to rows of posts wait
-- while their batch runs.

-- Rows that do not fit are named before anything is changed: a value that would come out
-- of a list as something else.
DO $check$
#variable_conflict use_column
DECLARE
    many bigint;
    examples text;
BEGIN
    SELECT count(*), string_agg(example, '; ') FILTER (WHERE n <= 5)
      INTO many, examples
      FROM (SELECT row_number() OVER () AS n, format('id %s', p.id) || ': ' || left(w.name, 60) AS example
              FROM posts AS p
              JOIN post_tags AS k ON k.post_id = p.id
              JOIN tags AS w ON w.id = k.tag_id
             WHERE strpos(w.name, ',') > 0
                OR w.name = ''
                OR w.name <> btrim(w.name, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || ' values of posts cannot stand in a list',
            DETAIL = 'For example: ' || examples,
            HINT = 'Rename them, or take them off their rows.';
    END IF;
END
$check$;

-- From here on the tables follow the column again, and what is written to it counts.
BEGIN;

DROP TRIGGER posts_tags_inserted ON posts;

DROP TRIGGER posts_tags_updated ON posts;

DROP FUNCTION posts_tags_written();

-- SECURITY DEFINER, since who writes posts need not write the new tables; with
-- pg_temp last, or his temporary objects could stand for the owner's.
CREATE FUNCTION posts_tags_to_table()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.tags) IS NOT DISTINCT FROM (OLD.id, OLD.tags) THEN
            RETURN NULL;
        END IF;
        DELETE FROM public.post_tags WHERE post_id = OLD.id;
    END IF;
    DELETE FROM public.post_tags WHERE post_id = NEW.id;
    INSERT INTO public.tags (name)
    SELECT DISTINCT v.name
      FROM unnest(string_to_array(NEW.tags, ',')) AS u (item)
     CROSS JOIN LATERAL (SELECT btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')) AS v (name)
     WHERE v.name <> ''
       AND NOT EXISTS (SELECT FROM public.tags AS w WHERE w.name = v.name)
     ORDER BY v.name
        ON CONFLICT DO NOTHING;
    INSERT INTO public.post_tags (post_id, tag_id, position)
    SELECT NEW.id, w.id, row_number() OVER (ORDER BY min(n))
      FROM unnest(string_to_array(NEW.tags, ',')) WITH ORDINALITY AS u (item, n)
      JOIN public.tags AS w ON w.name = btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')
     GROUP BY w.id;
    RETURN NULL;
END
$function$;

-- Nobody may hang it on a table of his own, and write with the owner's rights.
REVOKE ALL ON FUNCTION posts_tags_to_table() FROM PUBLIC;

CREATE TRIGGER posts_tags_to_table
    AFTER INSERT OR UPDATE ON posts
    FOR EACH ROW EXECUTE FUNCTION posts_tags_to_table();

COMMIT;

-- What was written to the tables last goes back into the column. A list that
-- says the same stays as it is, spacing and all. A write to the tables alone that
-- comes behind the batches is lost. The rows are locked first, so that the
-- others see what the trigger made of a list that was being written. Where the
-- tables still say what is noted, the column was written last, and they follow it.
-- rung:batch key=posts.id
SELECT id
  FROM posts
 WHERE id BETWEEN $1 AND $2
 ORDER BY id
   FOR NO KEY UPDATE;
DELETE FROM posts_tags_written AS n
 USING posts AS p
 WHERE p.id BETWEEN $1 AND $2
   AND n.post_id = p.id
   AND n.said <> ARRAY(SELECT w.name
                         FROM post_tags AS k
                         JOIN tags AS w ON w.id = k.tag_id
                        WHERE k.post_id = p.id
                        ORDER BY k.position);
DELETE FROM post_tags AS k
 USING posts_tags_written AS n
  JOIN posts AS p ON n.post_id = p.id
 WHERE p.id BETWEEN $1 AND $2
   AND k.post_id = p.id;
INSERT INTO tags (name)
SELECT DISTINCT v.name
  FROM posts AS p
 CROSS JOIN LATERAL unnest(string_to_array(p.tags, ',')) AS u (item)
 CROSS JOIN LATERAL (SELECT btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')) AS v (name)
 WHERE p.id BETWEEN $1 AND $2
   AND EXISTS (SELECT FROM posts_tags_written AS n WHERE n.post_id = p.id)
   AND v.name <> ''
   AND NOT EXISTS (SELECT FROM tags AS w WHERE w.name = v.name)
 ORDER BY v.name
    ON CONFLICT DO NOTHING;
INSERT INTO post_tags (post_id, tag_id, position)
SELECT p.id, w.id, row_number() OVER (PARTITION BY p.id ORDER BY min(u.n))
  FROM posts AS p
 CROSS JOIN LATERAL unnest(string_to_array(p.tags, ',')) WITH ORDINALITY AS u (item, n)
  JOIN tags AS w ON w.name = btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')
 WHERE p.id BETWEEN $1 AND $2
   AND EXISTS (SELECT FROM posts_tags_written AS n WHERE n.post_id = p.id)
 GROUP BY p.id, w.id
    ON CONFLICT DO NOTHING;
UPDATE posts AS p
   SET tags = (SELECT coalesce(string_agg(w.name, ',' ORDER BY k.position), '')
                 FROM post_tags AS k
                 JOIN tags AS w ON w.id = k.tag_id
                WHERE k.post_id = p.id)
 WHERE p.id BETWEEN $1 AND $2
   AND ARRAY(SELECT w.name
               FROM post_tags AS k
               JOIN tags AS w ON w.id = k.tag_id
              WHERE k.post_id = p.id
              ORDER BY k.position)
       <> ARRAY(SELECT btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')
                  FROM unnest(string_to_array(p.tags, ',')) WITH ORDINALITY AS u (item, n)
                 WHERE btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF') <> ''
                 GROUP BY btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')
                 ORDER BY min(n));
-- rung:end

DROP TABLE posts_tags_written;
