// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
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
	_, release, err := u.lock("a", held)
	require.NoError(t, err)
	now = now.Add(uploadTimeout)
	_, unlock, err := u.lock("a", used)
	require.NoError(t, err)
	unlock()
	now = now.Add(time.Second)
	u.start("a", "new")
	require.Equal(t, []string{"idle"}, expired, "neither the one just used nor the one in use")
	release()
	_, _, err = u.lock("a", idle)
	require.ErrorIs(t, err, ErrBlobUploadUnknown)
	_, err = u.end("b", used)
	require.ErrorIs(t, err, ErrBlobUploadUnknown, "of another repository")
}
