// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "sync"

var (
	encoders = sync.Pool{New: func() any { return newEncoder() }}
	jobs     = sync.Pool{New: func() any { return &job{in: new(window)} }}
)

func getEncoder() *encoder { return encoders.Get().(*encoder) }

// newJob returns an empty chunk that follows prev, which must be full, or begins the
// stream if prev is nil.
func newJob(prev *job) *job {
	j := jobs.Get().(*job)
	j.start, j.end, j.last, j.done = 0, 0, false, nil
	j.out = j.out[:0]
	if prev != nil {
		j.start = copy(j.in[:dictSize], prev.in[prev.end-dictSize:prev.end])
		j.end = j.start
	}
	return j
}

func (j *job) run(e *encoder) {
	owned(j.in[:j.end])
	j.out = e.encode(j.out[:0], j.in, j.start, j.end, j.last)
	owned(j.out)
	encoders.Put(e)
}

// owned shows the race detector that this goroutine reads and writes all of p: of a copy it
// sees both sides, be they the same.
func owned(p []byte) {
	if raceEnabled {
		copy(p, p)
	}
}

func (j *job) release() { jobs.Put(j) }
