// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package sessions

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var errUnknown = errors.New("unknown")

func TestIdleUploadsTimeOut(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	var expired []string
	clock := new(Clock)
	u := New(clock, errUnknown, func(s string) { expired = append(expired, s) })
	SetClock(clock, func() time.Time { return now })

	idle, used, held := u.Start("a", "idle"), u.Start("a", "used"), u.Start("a", "held")
	ctx := t.Context()
	inUse, err := u.Lock(ctx, "a", held)
	require.NoError(t, err)
	now = now.Add(timeout)
	s, err := u.Lock(ctx, "a", used)
	require.NoError(t, err)
	u.Unlock(s)
	now = now.Add(time.Second)
	u.Start("a", "new")
	require.Equal(t, []string{"idle"}, expired, "neither the one just used nor the one in use")
	u.Unlock(inUse)
	_, err = u.Lock(ctx, "a", idle)
	require.ErrorIs(t, err, errUnknown)
	_, err = u.End(ctx, "b", used)
	require.ErrorIs(t, err, errUnknown, "of another repository")
}

// TestASessionIsReleasedOnce, by whoever is the last to use it.
func TestASessionIsReleasedOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	released := map[string]int{}
	u := New(new(Clock), errUnknown, func(s string) { released[s]++ })

	require.NoError(t, u.Cancel("a", u.Start("a", "idle")))
	require.Equal(t, 1, released["idle"])

	id := u.Start("a", "in use")
	s, err := u.Lock(ctx, "a", id)
	require.NoError(t, err)
	waiting := make(chan error)
	go func() {
		_, err := u.Lock(ctx, "a", id)
		waiting <- err
	}()
	require.NoError(t, u.Cancel("a", id))
	require.Zero(t, released["in use"])
	require.ErrorIs(t, <-waiting, errUnknown)
	n, err := s.Reader(strings.NewReader("x")).Read(make([]byte, 1))
	require.Zero(t, n)
	require.ErrorIs(t, err, errUnknown)
	u.Unlock(s)
	require.Equal(t, 1, released["in use"])

	id = u.Start("a", "committed")
	got, err := u.End(ctx, "a", id)
	require.NoError(t, err)
	require.Equal(t, "committed", got)
	require.ErrorIs(t, u.Cancel("a", id), errUnknown)
	_, err = u.End(ctx, "a", id)
	require.ErrorIs(t, err, errUnknown)
	require.Zero(t, released["committed"], "it is the caller's")
	require.Empty(t, u.sessions)
}
