-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags

-- What was written to the tables alone goes back into the column. A list that
-- says the same stays as it is, spacing and all.
-- rung:batch key=posts.id
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
       <> ARRAY(SELECT btrim(item, E' \t\r\n')
                  FROM unnest(string_to_array(p.tags, ',')) WITH ORDINALITY AS u (item, n)
                 WHERE btrim(item, E' \t\r\n') <> ''
                 GROUP BY btrim(item, E' \t\r\n')
                 ORDER BY min(n));

-- From here on the tables follow the column again.
BEGIN;

CREATE FUNCTION posts_tags_to_table()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
BEGIN
    DELETE FROM public.post_tags WHERE post_id = NEW.id;
    INSERT INTO public.tags (name)
    SELECT DISTINCT v.name
      FROM unnest(string_to_array(NEW.tags, ',')) AS item
     CROSS JOIN LATERAL btrim(item, E' \t\r\n') AS v (name)
     WHERE v.name <> ''
       AND NOT EXISTS (SELECT FROM public.tags AS w WHERE w.name = v.name)
     ORDER BY v.name
        ON CONFLICT DO NOTHING;
    INSERT INTO public.post_tags (post_id, tag_id, position)
    SELECT NEW.id, w.id, row_number() OVER (ORDER BY min(n))
      FROM unnest(string_to_array(NEW.tags, ',')) WITH ORDINALITY AS u (item, n)
      JOIN public.tags AS w ON w.name = btrim(item, E' \t\r\n')
     GROUP BY w.id;
    RETURN NULL;
END
$function$;

CREATE TRIGGER posts_tags_to_table
    AFTER INSERT OR UPDATE OF tags ON posts
    FOR EACH ROW EXECUTE FUNCTION posts_tags_to_table();

COMMIT;
