// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestIdleUploadsTimeOut(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	var expired []string
	u := newUploads[string]()
	u.now = func() time.Time { return now }
	u.expired = func(s string) { expired = append(expired, s) }

	idle, used, held := u.start("a", "idle"), u.start("a", "used"), u.start("a", "held")
	ctx := t.Context()
	inUse, err := u.lock(ctx, "a", held)
	require.NoError(t, err)
	now = now.Add(uploadTimeout)
	s, err := u.lock(ctx, "a", used)
	require.NoError(t, err)
	u.unlock(s)
	now = now.Add(time.Second)
	u.start("a", "new")
	require.Equal(t, []string{"idle"}, expired, "neither the one just used nor the one in use")
	u.unlock(inUse)
	_, err = u.lock(ctx, "a", idle)
	require.ErrorIs(t, err, ErrBlobUploadUnknown)
	_, err = u.end(ctx, "b", used)
	require.ErrorIs(t, err, ErrBlobUploadUnknown, "of another repository")
}

// TestASessionIsReleasedOnce, by whoever is the last to use it.
func TestASessionIsReleasedOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	released := map[string]int{}
	u := newUploads[string]()
	u.expired = func(s string) { released[s]++ }

	require.NoError(t, u.cancel("a", u.start("a", "idle")))
	require.Equal(t, 1, released["idle"])

	id := u.start("a", "in use")
	s, err := u.lock(ctx, "a", id)
	require.NoError(t, err)
	waiting := make(chan error)
	go func() {
		_, err := u.lock(ctx, "a", id)
		waiting <- err
	}()
	require.NoError(t, u.cancel("a", id))
	require.Zero(t, released["in use"])
	require.ErrorIs(t, <-waiting, ErrBlobUploadUnknown)
	n, err := s.reader(strings.NewReader("x")).Read(make([]byte, 1))
	require.Zero(t, n)
	require.ErrorIs(t, err, ErrBlobUploadUnknown)
	u.unlock(s)
	require.Equal(t, 1, released["in use"])

	id = u.start("a", "committed")
	got, err := u.end(ctx, "a", id)
	require.NoError(t, err)
	require.Equal(t, "committed", got)
	require.ErrorIs(t, u.cancel("a", id), ErrBlobUploadUnknown)
	_, err = u.end(ctx, "a", id)
	require.ErrorIs(t, err, ErrBlobUploadUnknown)
	require.Zero(t, released["committed"], "it is the caller's")
	require.Empty(t, u.sessions)
}
