-- Written by rung: --template soft-delete --set table=posts

ALTER TABLE posts
    DROP COLUMN is_deleted;
