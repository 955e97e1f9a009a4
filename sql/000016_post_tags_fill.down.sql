-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags --set way=online

-- Locks: reads and writes of posts wait for a moment.

-- The trigger goes first, or it would fill again what is reverted.
BEGIN;

DROP TRIGGER posts_tags_to_table ON posts;

DROP FUNCTION posts_tags_to_table();

COMMIT;

TRUNCATE tags, post_tags RESTART IDENTITY;
