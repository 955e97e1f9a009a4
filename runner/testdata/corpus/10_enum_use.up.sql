INSERT INTO moods VALUES (1, 'happy'), (2, 'glad;'), (3, DEFAULT);
ALTER TABLE moods ALTER m SET DEFAULT 'happy';
CREATE INDEX ON moods (id) WHERE m = 'glad;';
