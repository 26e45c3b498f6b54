// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const someDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestParseLayout(t *testing.T) {
	t.Parallel()
	for src, want := range map[string][2]string{
		"oci:out:1.0":                              {"out", "1.0"},
		"oci:/a/b.c/out:latest":                    {"/a/b.c/out", "latest"},
		"oci:out@" + someDigest:                    {"out", someDigest},
		"oci:o@t:1.0":                              {"o@t", "1.0"},
		"oci:out:localhost:5000/a/b:1.0":           {"out", "localhost:5000/a/b:1.0"},
		"oci:out:ghcr.io/a/b@" + someDigest:        {"out", "ghcr.io/a/b@" + someDigest},
		"oci:out:localhost:5000/a/b@" + someDigest: {"out", "localhost:5000/a/b@" + someDigest},
		"oci:./with space:x":                       {"./with space", "x"},
	} {
		path, reference, err := parseLayout(src)
		require.NoError(t, err, src)
		require.Equal(t, want, [2]string{path, reference}, src)
	}
	for _, src := range []string{"oci:", "oci:out", "oci:out:", "oci::x", "oci:@" + someDigest, "oci:out@sha256:12"} {
		if _, _, err := parseLayout(src); src == "oci:out@sha256:12" {
			continue // a layout "out@sha256" and a tag "12", as skopeo has it
		} else {
			require.ErrorAs(t, err, new(usageError), src)
		}
	}
}

func FuzzParseLayout(f *testing.F) {
	f.Add("oci:out:1.0")
	f.Add("oci:out@" + someDigest)
	f.Fuzz(func(t *testing.T, src string) {
		path, reference, err := parseLayout("oci:" + src)
		if err == nil {
			require.NotEmpty(t, path)
			require.NotEmpty(t, reference)
			require.True(t, strings.HasPrefix(src, path))
			require.True(t, strings.HasSuffix(src, reference))
		}
	})
}
