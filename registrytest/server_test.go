// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestAServerOutsideOfTests is the same as that of New, but that its caller ends it.
func TestAServerOutsideOfTests(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{"http": {}, "https": {TLS: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, err := registrytest.NewServer(opts)
			require.NoError(t, err)
			require.Equal(t, opts.TLS, srv.Certificate() != nil)
			seed(t, srv.Store)
			resp, err := srv.Client().Get(srv.URL + blobURL + seedDigest.String())
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, 200, resp.StatusCode)
			require.Len(t, srv.Requests(), 1)
			require.NoError(t, srv.Close())
			require.NoError(t, srv.Close(), "again")
			resp, err = srv.Client().Get(srv.URL + "/v2/")
			require.Error(t, err, "%v", resp)
		})
	}
}
