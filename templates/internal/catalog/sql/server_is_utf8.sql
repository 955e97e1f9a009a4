-- Whether the database is in UTF-8.
SELECT current_setting('server_encoding') = 'UTF8'
