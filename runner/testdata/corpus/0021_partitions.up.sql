CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_2 (LIKE events INCLUDING ALL);
ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT PARTITION BY LIST (kind);
CREATE TABLE events_rest_a PARTITION OF events_rest FOR VALUES IN ('a', NULL);
CREATE INDEX ON events (kind);
INSERT INTO events SELECT n, date '2024-01-01' + n % 70, CASE WHEN n % 70 >= 60 THEN 'a' ELSE 'k' || n % 3 END FROM generate_series(1, 200) AS n;
