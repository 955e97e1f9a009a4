-- In the opposite order: the trigger holds its function, and the function is
-- what the trigger calls.
DROP TRIGGER posts_default_slug ON posts;

DROP FUNCTION posts_default_slug();

-- Its NOT NULL and its unique index go with the column.
ALTER TABLE posts
    DROP COLUMN slug;

DROP FUNCTION slugify(text);
