CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE moods (id int, m mood DEFAULT 'ok');
