// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestTagsAreInLexicalOrder, which is case-insensitive ("Listing Tags" of 1.1.1), and
// "last" goes by it, be it a tag or not.
func TestTagsAreInLexicalOrder(t *testing.T) {
	t.Parallel()
	sorted := []string{"1", "_", "a", "A-1", "a.1", "A1", "a_1", "B", "b", "b0", "C", "c10", "c2", "Z", "zz"}
	for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
		srv := registrytest.New(t, registrytest.Options{Store: store})
		for i := range sorted {
			tag := sorted[(i*7)%len(sorted)] // in no order at all
			exchange{"PUT", manifests + tag, image("x"), imageType, 201, ""}.try(t, srv)
		}
		list := func(query string) (tags []string) {
			_, body, err := wire(t, srv, "GET", "/v2/demo/app/tags/list"+query, "")
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal([]byte(body), &struct{ Tags *[]string }{&tags}))
			return tags
		}
		require.Equal(t, sorted, list(""))
		for i, last := range sorted {
			require.Equal(t, sorted[i+1:], list("?last="+last), last)
			if rest := sorted[i+1:]; len(rest) > 1 {
				require.Equal(t, rest[:2], list(fmt.Sprintf("?n=2&last=%s", last)))
			}
		}
		require.Equal(t, sorted[7:], list("?last=AZ"), "after what is not there")
		require.Equal(t, sorted[9:], list("?last=b-"))
	}
}
