exports.up = (knex) => knex.raw(String.raw`DROP INDEX CONCURRENTLY people_mood;
`);
exports.down = (knex) => knex.raw(String.raw`CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);
`);
exports.config = { transaction: false };
