// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPrefilterFindsWhatIsThere puts literals, whole and in pieces, into text
// of their own letters.
func TestPrefilterFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 3))
	var letters []byte
	for _, literal := range suspicious.literals {
		letters = append(letters, literal...)
	}
	seen := uint64(0)
	for range 20_000 {
		var text []byte
		for range random.IntN(8) {
			for range random.IntN(6) {
				text = append(text, letters[random.IntN(len(letters))])
			}
			literal := suspicious.literals[random.IntN(len(suspicious.literals))]
			text = append(text, literal[random.IntN(2)*random.IntN(len(literal)):]...)
		}
		want := uint64(0)
		for n, literal := range suspicious.literals {
			if bytes.Contains(text, literal) {
				want |= 1 << n
			}
		}
		require.Equal(t, want, suspicious.in(text), "%q", text)
		seen |= want
	}
	require.Equal(t, uint64(1)<<len(suspicious.literals)-1, seen)
}
