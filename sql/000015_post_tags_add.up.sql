-- Written by rung: --template list-to-table --set table=posts --set column=tags --set to=tags

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
