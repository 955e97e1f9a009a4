// Package runner applies a directory of numbered SQL files to PostgreSQL.
//
// # Where to start
//
// Two lines apply what is pending, from a program that carries its migrations:
//
//	r, err := runner.New(runner.Config{URL: url, Files: migrations})
//	report, err := r.Up(ctx, runner.UpRequest{})
//
// A Config is safe as its zero value: runner.Config{Files: migrations} connects by the
// PG* variables, as psql does. Its defaults are those of the command line.
//
//   - Up, Down and Redo run migrations; Work runs the background backfills that up has
//     registered. Baseline, Repair and Adopt change the history alone. Each returns a
//     Report of how far it got, beside an error too.
//   - Pending, Plan, Status, Schemas, History and BackfillRates read. They take no lock,
//     create nothing and need no write privilege. Status has the findings of `rung validate`.
//   - Pause, Resume and Tune change a backfill that another session runs.
//   - Config.Events hears what happens; Log writes it to a log/slog logger.
//
// The package never prints and never exits.
//
// # How it works
//
//	directory of files        an fs.FS
//	   │ Load                 names, versions, problems
//	   ▼
//	script                    one file, split into statements, grouped into steps
//	   │ Plan                 with the history: which files, from which step
//	   ▼
//	plan                      a list of actions, and a hash
//	   │                      one action at a time, under the migration lock
//	   ▼
//	step                      a transaction, a statement outside of one, or batches
//	   │                      limits, claim, statements, history entry, COMMIT
//	   ▼
//	message                   what goes to the server in one round trip
//	   │                      the server's progress notices, errors and locks
//	   ▼
//	event                     Started, StepDone, Blocked, Retrying, Finished, …
//
// Down to the plan all is decided without a database, from the directory and the
// history alone; what follows decides nothing.
//
// # Errors
//
// Find out by errors.As what kind of end it was. The Report says how far the run got, and
// where an error has a field Standing, that says in one line which changes were applied.
//
//   - *StatementError is SQL that failed, and its place in the file.
//   - *DisagreementError has the findings that made the command refuse, *BadFilesError
//     all problems of the files, *ChangedError a file that changed meanwhile.
//   - *RefusalError is something that cannot be done as asked; *UnknownRunError is one.
//   - *LockTimeoutError, *UnreachableError, *BehindError and *HistoryError are about the
//     server.
//   - *PausedError is a backfill that is paused, *RequiredFailedError one that a file
//     requires and that has failed, *WorkError several that failed.
//   - *StoppedError is a context that ended; there Where says it.
//
// A *HintedError around one of these adds what the user can do.
//
// # What it promises
//
// Each of these is proved by a test against a real server:
//
//   - A version's changes and its history entry commit together. After a kill, at any
//     instant, the database has no changes from a step, or all of them with their
//     history entry.
//   - Any number of runners may start together: one works, the others wait.
//   - No statement waits for a table lock longer than the lock timeout.
//   - A file that was edited after it ran is refused.
//   - The down SQL is kept in the database.
//   - Reading takes no lock, creates nothing and needs no write privilege.
package runner
