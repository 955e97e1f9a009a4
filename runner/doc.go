// Package runner applies a directory of numbered SQL files to PostgreSQL.
//
// It takes an fs.FS in and gives typed events out; it never prints and never
// exits. The deciding (files × record → plan) is pure and knows no database;
// the doing is thin.
//
// What it promises, each proved by a test against a real server:
//
//   - A version's effects and its record commit together. Killed at any
//     instant, the database holds nothing of a step, or all of it and its record.
//   - Any number of runners may start together: one works, the others wait.
//   - No statement waits for a table lock longer than the lock timeout.
//   - A file that was edited after it ran is refused.
//   - The down SQL is kept in the database.
//   - Reading takes no lock, creates nothing and needs no write privilege.
package runner
