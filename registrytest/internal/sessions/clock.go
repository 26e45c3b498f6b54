// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package sessions

import (
	"sync/atomic"
	"time"
)

// Clock is the system's, until [SetClock] replaces it. A store embeds one, and is
// Clocked thereby.
type Clock struct {
	now atomic.Pointer[func() time.Time]
}

// Clocked is a store whose sessions age by a [Clock] that it embeds. No package which
// can't import this one can have such a store, unless by embedding one that is there.
type Clocked interface{ setClock(now func() time.Time) }

// SetClock gives a store another clock.
func SetClock(store Clocked, now func() time.Time) { store.setClock(now) }

func (c *Clock) setClock(now func() time.Time) { c.now.Store(&now) }

func (c *Clock) time() time.Time {
	if now := c.now.Load(); now != nil {
		return (*now)()
	}
	return time.Now()
}
