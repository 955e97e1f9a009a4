package backfill

// openWorkers opens as many workers beside this one as are missing. Each waits for
// its connection by itself; where one gets none, those that work go on.
func (b *backfill) openWorkers(wanted int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refusedAt == wanted {
		return // until somebody asks for another number
	}
	b.refusedAt = 0
	for ; b.running < wanted-1; b.running++ {
		number := b.running + 1
		b.workers.Add(1)
		go func() {
			defer b.workers.Done()
			b.sideWorker(number, wanted)
		}()
	}
}

// sideWorker is a worker beside the first one, on a connection of its own.
func (b *backfill) sideWorker(number, wanted int) {
	s, err := b.connectWorker()
	if err != nil {
		b.workerRefused(wanted, err)
		return
	}
	defer s.Close()
	side := b.x.Beside(s)
	b.mu.Lock()
	b.working++
	b.mu.Unlock()
	b.worker(side, number)
	b.mu.Lock()
	b.working--
	b.running--
	b.mu.Unlock()
}

// workerRefused says once that there are fewer workers than were asked for.
func (b *backfill) workerRefused(wanted int, err error) {
	b.mu.Lock()
	b.running--
	workers := b.working + 1
	said := b.refusedAt == wanted || b.joining.Err() != nil
	b.refusedAt = wanted
	b.mu.Unlock()
	if !said {
		b.cfg.Says.FewerWorkers(b.run.Script.Path, b.line(), workers, wanted, err)
	}
}
