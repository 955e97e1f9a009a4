-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags --set way=online

-- Locks: reads and writes of posts wait for a moment.

-- From here on the tables are what counts.
DROP TRIGGER posts_tags_to_table ON posts;

DROP FUNCTION posts_tags_to_table();

-- Where the column is written nonetheless, the down migration must know which side is
-- newer: this notes what the tables said then. All of it goes with the column.
CREATE TABLE posts_tags_written (
    post_id bigint NOT NULL,
    said text[] NOT NULL,
    PRIMARY KEY (post_id),
    FOREIGN KEY (post_id) REFERENCES posts (id) ON UPDATE CASCADE ON DELETE CASCADE
);

-- A row that is new has nothing in the tables; one that comes from another
-- partition may have, and is not written by that.
CREATE FUNCTION posts_tags_written()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    INSERT INTO public.posts_tags_written AS n (post_id, said)
    VALUES (NEW.id, ARRAY(SELECT w.name
                            FROM public.post_tags AS k
                            JOIN public.tags AS w ON w.id = k.tag_id
                           WHERE k.post_id = NEW.id
                             AND TG_OP = 'UPDATE'
                           ORDER BY k.position))
        ON CONFLICT (post_id) DO UPDATE SET said = excluded.said;
    RETURN NULL;
END
$function$;

REVOKE ALL ON FUNCTION posts_tags_written() FROM PUBLIC;

CREATE TRIGGER posts_tags_inserted
    AFTER INSERT ON posts
    FOR EACH ROW WHEN (NEW.tags <> '')
    EXECUTE FUNCTION posts_tags_written();

CREATE TRIGGER posts_tags_updated
    AFTER UPDATE ON posts
    FOR EACH ROW WHEN (OLD.tags IS DISTINCT FROM NEW.tags)
    EXECUTE FUNCTION posts_tags_written();
