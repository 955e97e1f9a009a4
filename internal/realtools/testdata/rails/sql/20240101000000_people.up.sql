CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');

-- Who; whoever.
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    mood mood NOT NULL DEFAULT 'ok'
);
COMMENT ON TABLE people IS 'who; whoever';

INSERT INTO people (email) SELECT 'P' || n || '@Example.com' FROM generate_series(1, 100) AS n;
