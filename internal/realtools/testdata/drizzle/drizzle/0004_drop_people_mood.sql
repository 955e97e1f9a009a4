DROP INDEX people_mood;
