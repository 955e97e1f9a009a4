---- tern: disable-tx ----
CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);

---- create above / drop below ----

---- tern: disable-tx ----
DROP INDEX CONCURRENTLY people_mood;
