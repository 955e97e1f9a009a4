CREATE INDEX people_mood ON people (mood, id);
