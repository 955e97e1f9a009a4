-- 'What''s new, part 7' becomes 'what-s-new-part-7'.
CREATE FUNCTION slugify(title text)
RETURNS text
LANGUAGE sql
IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT trim(BOTH '-' FROM regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'));
$$;

ALTER TABLE posts
    ADD COLUMN slug text;

UPDATE posts
   SET slug = slugify(title);

-- In one transaction with the UPDATE, because 2,000 rows take a few milliseconds.
ALTER TABLE posts
    ALTER COLUMN slug SET NOT NULL,
    ADD CONSTRAINT posts_slug_key UNIQUE (slug);

-- The app may send its own slug and need not.
CREATE FUNCTION posts_default_slug()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.slug := coalesce(NEW.slug, slugify(NEW.title));
    RETURN NEW;
END;
$function$;

CREATE TRIGGER posts_default_slug
    BEFORE INSERT ON posts
    FOR EACH ROW EXECUTE FUNCTION posts_default_slug();
