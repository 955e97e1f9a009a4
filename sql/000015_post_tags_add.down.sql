-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags --set way=online

DROP TABLE post_tags;

DROP TABLE tags;
