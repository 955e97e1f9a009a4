-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags

-- From here on the tables are what counts.
DROP TRIGGER posts_tags_to_table ON posts;

DROP FUNCTION posts_tags_to_table();
