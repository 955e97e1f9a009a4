-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags --set way=online

-- Locks: writes to posts wait for a moment; writes to rows of posts wait while their
-- batch runs.

-- New and changed rows first, so that the batches below miss none.
BEGIN;

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

-- Three statements: the rows are locked, so that nobody changes them meanwhile;
-- the values in order, so that two sessions with the same new ones cannot deadlock;
-- and the links in a statement of their own, which sees all values. A value that
-- is there already is left out, since its try would use up a number.
-- rung:batch key=posts.id
SELECT id
  FROM posts
 WHERE id BETWEEN $1 AND $2
 ORDER BY id
   FOR NO KEY UPDATE;
INSERT INTO tags (name)
SELECT DISTINCT v.name
  FROM posts AS p
 CROSS JOIN LATERAL unnest(string_to_array(p.tags, ',')) AS u (item)
 CROSS JOIN LATERAL (SELECT btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')) AS v (name)
 WHERE p.id BETWEEN $1 AND $2
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
 GROUP BY p.id, w.id
    ON CONFLICT DO NOTHING;
-- rung:end
