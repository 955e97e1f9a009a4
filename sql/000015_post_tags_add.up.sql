-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags --set way=online

-- Locks: writes to posts wait for a moment.

-- Rows that do not fit are named before anything is changed: an index over the values
-- takes no longer ones.
DO $check$
#variable_conflict use_column
DECLARE
    many bigint;
    examples text;
BEGIN
    SELECT count(*), string_agg(example, '; ') FILTER (WHERE n <= 5)
      INTO many, examples
      FROM (SELECT row_number() OVER () AS n, format('id %s', p.id) || ': ' || left(btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF'), 60) AS example
              FROM posts AS p
             CROSS JOIN LATERAL unnest(string_to_array(p.tags, ',')) AS u (item)
             WHERE octet_length(p.tags::text) > 2600
               AND octet_length(btrim(u.item, E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF')) > 2600) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || ' values in posts.tags have more than 2600 bytes',
            DETAIL = 'For example: ' || examples,
            HINT = 'Fix the rows, or choose the separator by --set separator=…';
    END IF;
END
$check$;

CREATE TABLE tags (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE post_tags (
    post_id bigint NOT NULL,
    tag_id bigint NOT NULL REFERENCES tags,
    position integer NOT NULL,
    PRIMARY KEY (post_id, tag_id),
    FOREIGN KEY (post_id) REFERENCES posts (id) ON UPDATE CASCADE ON DELETE CASCADE
);

-- For the way from a value to its rows. The table is empty: this takes no time.
CREATE INDEX ON post_tags (tag_id);
