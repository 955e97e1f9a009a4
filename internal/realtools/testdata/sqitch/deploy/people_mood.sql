-- Deploy shop:people_mood to pg

CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);
