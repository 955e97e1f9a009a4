CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);
