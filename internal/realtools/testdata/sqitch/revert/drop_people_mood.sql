-- Revert shop:drop_people_mood from pg

CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);
