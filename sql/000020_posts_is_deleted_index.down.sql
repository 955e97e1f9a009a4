-- Written by rung: --template soft-delete --set table=posts

DROP INDEX CONCURRENTLY posts_slug_key_flag;
