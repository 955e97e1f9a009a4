CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE tasks (id int PRIMARY KEY, mood mood NOT NULL DEFAULT 'ok', note text);
INSERT INTO tasks SELECT g, 'ok', 'low' FROM generate_series(1, 3000) AS g;
