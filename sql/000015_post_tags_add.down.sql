-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags

DROP TABLE post_tags;

DROP TABLE tags;
