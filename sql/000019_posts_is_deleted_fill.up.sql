-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: writes to posts wait for a moment; writes to rows of posts wait while their
-- batch runs.

-- Whichever of the two an application writes, the other follows. New and changed
-- rows first, so that the batches below miss none.
BEGIN;

CREATE FUNCTION posts_is_deleted_follow()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.is_deleted := NEW.is_deleted OR NEW.deleted_at IS NOT NULL;
    ELSIF NEW.deleted_at IS DISTINCT FROM OLD.deleted_at THEN
        NEW.is_deleted := NEW.deleted_at IS NOT NULL;
    ELSIF OLD.is_deleted AND NOT NEW.is_deleted THEN
        NEW.deleted_at := NULL;
    END IF;
    IF NEW.is_deleted THEN
        NEW.deleted_at := coalesce(NEW.deleted_at, now());
    END IF;
    RETURN NEW;
END
$function$;

-- Two, so that each names the column: nobody drops it and leaves them behind.
CREATE TRIGGER posts_is_deleted_insert
    BEFORE INSERT ON posts
    FOR EACH ROW WHEN (NEW.is_deleted OR NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION posts_is_deleted_follow();

CREATE TRIGGER posts_is_deleted_follow
    BEFORE UPDATE ON posts
    FOR EACH ROW WHEN (OLD.is_deleted <> NEW.is_deleted OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
    EXECUTE FUNCTION posts_is_deleted_follow();

COMMIT;

-- rung:batch key=posts.id
UPDATE posts
   SET is_deleted = true
 WHERE id BETWEEN $1 AND $2
   AND deleted_at IS NOT NULL
   AND NOT is_deleted;
