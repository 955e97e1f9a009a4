-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags --set way=online

-- Locks: reads and writes of posts wait for a moment.

DROP TABLE post_tags;

DROP TABLE tags;
