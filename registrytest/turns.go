// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// turns lets one request at a time add to an upload, so that whoever commits it
// does not wait for a slow client while others wait for the commit.
type turns struct {
	mu   sync.Mutex
	busy map[string]*turn // by the upload's ID
}

type turn struct {
	stop  func() // makes the request fail that has the turn
	ended chan struct{}
}

// take waits for the turn of a request to an upload. The caller calls end.
func (t *turns) take(ctx context.Context, upload string, stop func()) (end func(), err error) {
	mine := &turn{stop, make(chan struct{})}
	for {
		other := t.set(upload, mine)
		if other == nil {
			return func() { t.end(upload, mine) }, nil
		}
		select {
		case <-other.ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// set gives the turn to mine, unless another has it, which it returns.
func (t *turns) set(upload string, mine *turn) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.busy[upload]; other != nil {
		return other
	}
	if t.busy == nil {
		t.busy = map[string]*turn{}
	}
	t.busy[upload] = mine
	return nil
}

func (t *turns) end(upload string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.busy, upload)
	close(mine.ended)
}

// stop makes the request fail that has the turn, if one has.
func (t *turns) stop(upload string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.busy[upload]; other != nil {
		other.stop()
	}
}

// inTurn runs f when no other request adds to the call's upload any more.
func (h *Handler) inTurn(w http.ResponseWriter, r *http.Request, c *call, f func() error) error {
	end, err := h.turns.take(r.Context(), c.upload, func() {
		// The client may have nothing to send for now, but hears of it this way.
		// Without deadlines the request fails when the next bytes come.
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0))
	})
	if err != nil {
		return err
	}
	defer end()
	return f()
}
