// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

func TestTheSuiteFindsNothingInThisRegistry(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{
		// Only a strict registry is whole afterwards: the suite pushes a sparse
		// manifest.
		"default":       {},
		"strict":        {Strict: true, CheckStore: true},
		"layout":        {Store: openLayout(t)},
		"strict layout": {Store: openLayout(t), Strict: true, CheckStore: true},
		"pages":         {PageSize: 2},
		"quota":         {Quota: 100 << 20},
		"tls":           {TLS: true, Warnings: []string{`say "hi"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, opts)
			for _, f := range registrytest.TestRegistry(t.Context(), srv.Client(), srv.URL) {
				t.Error(f)
			}
		})
	}
}

func TestTheSuiteFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts registrytest.Options
		want string
	}{
		"no referrers":   {registrytest.Options{NoReferrers: true}, "referrers"},
		"wrong digest":   {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Effect: registrytest.WrongDigest}}}, "blob pushed and pulled"},
		"corrupt":        {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Effect: registrytest.Corrupt, Match: registrytest.Match{Operation: registrytest.OpBlobGet}}}}, "blob pushed and pulled"},
		"forgets":        {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Effect: registrytest.Forget}}}, "manifest by tag and digest"},
		"always 500":     {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Status: 500}}}, "ping"},
		"small manifest": {registrytest.Options{MaxManifestSize: 1000}, "manifest of 4 megabytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, c.opts)
			var checks []string
			for _, f := range registrytest.TestRegistry(t.Context(), srv.Client(), srv.URL) {
				require.NotEmpty(t, f.String())
				checks = append(checks, f.Check)
			}
			require.Contains(t, checks, c.want)
		})
	}
}
