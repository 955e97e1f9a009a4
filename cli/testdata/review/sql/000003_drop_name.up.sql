ALTER TABLE users
    -- rung:allow drop-column no release uses it since 4.2
    DROP COLUMN name;
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
CREATE INDEX notes_user_id ON notes (user_id);
