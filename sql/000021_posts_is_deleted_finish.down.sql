-- Written by rung: --template soft-delete --set table=posts

-- A row that was deleted by its flag alone is deleted now, since the true time is
-- not known; one that came back by its flag alone comes back.
BEGIN;

CREATE FUNCTION posts_is_deleted_follow()
RETURNS trigger
LANGUAGE plpgsql
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

CREATE TRIGGER posts_is_deleted_follow
    BEFORE INSERT OR UPDATE ON posts
    FOR EACH ROW EXECUTE FUNCTION posts_is_deleted_follow();

COMMIT;

-- rung:batch key=posts.id
UPDATE posts
   SET deleted_at = CASE WHEN is_deleted THEN coalesce(deleted_at, now()) END
 WHERE id BETWEEN $1 AND $2
   AND is_deleted <> (deleted_at IS NOT NULL);

ALTER INDEX posts_slug_key
    RENAME TO posts_slug_key_flag;

CREATE UNIQUE INDEX CONCURRENTLY posts_slug_key
    ON posts (slug)
    WHERE deleted_at IS NULL;
