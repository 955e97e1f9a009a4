-- Written by rung: --template soft-delete --set table=posts --set way=online

ALTER TABLE posts
    DROP COLUMN is_deleted;
