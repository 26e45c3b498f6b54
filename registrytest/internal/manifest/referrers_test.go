// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

// TestACloneOfReferrersStaysAsItWas when the original changes, and the other way
// round.
func TestACloneOfReferrersStaysAsItWas(t *testing.T) {
	t.Parallel()
	subject := digest.FromString("subject")
	var x Referrers
	require.Empty(t, x.List(subject))
	add := func(x *Referrers, text string) digest.Digest {
		content := fmt.Appendf(nil, `{"subject":{"digest":%q},"annotations":{"text":%q}}`, subject, text)
		desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromBytes(content), Size: int64(len(content))}
		x.Add(desc, content, nil)
		return desc.Digest
	}
	one := add(&x, "one")
	clone := x.Clone()
	x.Remove(one)
	require.Empty(t, x.List(subject))
	require.Empty(t, x.subjects)
	two := add(&clone, "two")
	require.Empty(t, x.List(subject))
	list := clone.List(subject)
	require.Len(t, list, 2)
	require.Less(t, list[0].Digest, list[1].Digest)
	x.Remove(two)
	require.Len(t, clone.List(subject), 2)
}

func TestWhatHasNoSubjectIsNoReferrer(t *testing.T) {
	t.Parallel()
	for content, mediaType := range map[string]string{
		`{}`:               ocispec.MediaTypeImageIndex,
		`{"subject":null}`: ocispec.MediaTypeImageIndex,
		`{"subject":{}}`:   ocispec.MediaTypeImageIndex,
		`{"subject":`:      ocispec.MediaTypeImageIndex,
		`{"subject":{"digest":"sha256:0","size":1}}`: "application/json",
	} {
		var x Referrers
		x.Add(ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromString(content)}, []byte(content), nil)
		require.Empty(t, x.subjects, content)
	}
}
