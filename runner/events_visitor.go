package runner

// Visitor is told of an event by the method of its name. Whoever renders events
// is one, so an event that a renderer does not know of does not compile.
type Visitor interface {
	WaitingForServer(WaitingForServer)
	WaitingForLock(WaitingForLock)
	HistoryCreated(HistoryCreated)
	RunStarted(RunStarted)
	RunFinished(RunFinished)
	Started(Started)
	Working(Working)
	StepDone(StepDone)
	Finished(Finished)
	Notice(Notice)
	Blocked(Blocked)
	Retrying(Retrying)
	Overtaken(Overtaken)
	Settling(Settling)
	Cleaned(Cleaned)
	NotLogged(NotLogged)
	Restored(Restored)
	BatchDone(BatchDone)
	BackfillDone(BackfillDone)
	FewerWorkers(FewerWorkers)
	WaitingForReplica(WaitingForReplica)
	Vacuumed(Vacuumed)
	Paused(Paused)
	Warned(Warned)
	Queue(Queue)
	Passed(Passed)
	AttemptFailed(AttemptFailed)
	WaitingForBackfill(WaitingForBackfill)
}

// Visit implements Event.
func (e WaitingForServer) Visit(v Visitor) { v.WaitingForServer(e) }

// Visit implements Event.
func (e WaitingForLock) Visit(v Visitor) { v.WaitingForLock(e) }

// Visit implements Event.
func (e HistoryCreated) Visit(v Visitor) { v.HistoryCreated(e) }

// Visit implements Event.
func (e RunStarted) Visit(v Visitor) { v.RunStarted(e) }

// Visit implements Event.
func (e RunFinished) Visit(v Visitor) { v.RunFinished(e) }

// Visit implements Event.
func (e Working) Visit(v Visitor) { v.Working(e) }

// Visit implements Event.
func (e Started) Visit(v Visitor) { v.Started(e) }

// Visit implements Event.
func (e StepDone) Visit(v Visitor) { v.StepDone(e) }

// Visit implements Event.
func (e Finished) Visit(v Visitor) { v.Finished(e) }

// Visit implements Event.
func (e Notice) Visit(v Visitor) { v.Notice(e) }

// Visit implements Event.
func (e Blocked) Visit(v Visitor) { v.Blocked(e) }

// Visit implements Event.
func (e Retrying) Visit(v Visitor) { v.Retrying(e) }

// Visit implements Event.
func (e Overtaken) Visit(v Visitor) { v.Overtaken(e) }

// Visit implements Event.
func (e Settling) Visit(v Visitor) { v.Settling(e) }

// Visit implements Event.
func (e Cleaned) Visit(v Visitor) { v.Cleaned(e) }

// Visit implements Event.
func (e BatchDone) Visit(v Visitor) { v.BatchDone(e) }

// Visit implements Event.
func (e BackfillDone) Visit(v Visitor) { v.BackfillDone(e) }

// Visit implements Event.
func (e FewerWorkers) Visit(v Visitor) { v.FewerWorkers(e) }

// Visit implements Event.
func (e WaitingForReplica) Visit(v Visitor) { v.WaitingForReplica(e) }

// Visit implements Event.
func (e Vacuumed) Visit(v Visitor) { v.Vacuumed(e) }

// Visit implements Event.
func (e Paused) Visit(v Visitor) { v.Paused(e) }

// Visit implements Event.
func (e Warned) Visit(v Visitor) { v.Warned(e) }

// Visit implements Event.
func (e NotLogged) Visit(v Visitor) { v.NotLogged(e) }

// Visit implements Event.
func (e Restored) Visit(v Visitor) { v.Restored(e) }

// Visit implements Event.
func (e Queue) Visit(v Visitor) { v.Queue(e) }

// Visit implements Event.
func (e Passed) Visit(v Visitor) { v.Passed(e) }

// Visit implements Event.
func (e AttemptFailed) Visit(v Visitor) { v.AttemptFailed(e) }

// Visit implements Event.
func (e WaitingForBackfill) Visit(v Visitor) { v.WaitingForBackfill(e) }
