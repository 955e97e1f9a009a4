CREATE DOMAIN positive AS int DEFAULT 1 CHECK (VALUE > 0);
CREATE TYPE pair AS (a int, "b;c" text);
CREATE TYPE span AS RANGE (subtype = int);
CREATE TABLE typed (p positive, c pair, s span, cs pair[], g int GENERATED ALWAYS AS (p * 2) STORED, EXCLUDE USING gist (s WITH &&));
INSERT INTO typed VALUES (DEFAULT, (1, 'x;y'), '[1,5)', ARRAY[(2, 'z')::pair]);
