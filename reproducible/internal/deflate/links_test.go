// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

// perReset is by how much each chunk moves base, whatever it holds.
const perReset = windowSize + maxDist

// TestEarlierChunksStayOutOfReachBounded resets an encoder as often as 13 GB of input
// would, so that all of the numbers of 32 bits are gone through three times, and wants no
// position of an earlier chunk to be within reach of the next. Now and then a chunk
// leaves positions behind, at either end of the window.
func TestEarlierChunksStayOutOfReachBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	const resets = 3 * (1<<32/perReset + 1)
	x := seeded(29)
	w := new(window)
	l := new(links)
	heads := map[*uint32]bool{}
	leave := func(from uint) {
		for i := range uint(40) {
			w[from+i] = byte(x.next())
		}
		before3, before4, before6 := l.head3, l.head4, l.head6
		l.linked = from
		l.extend(w, from+32, windowSize)
		for i := range l.head3 {
			if l.head3[i] != before3[i] {
				heads[&l.head3[i]] = true
			}
		}
		for i := range l.head4 {
			if l.head4[i] != before4[i] {
				heads[&l.head4[i]] = true
			}
		}
		for i := range l.head6 {
			if l.head6[i] != before6[i] {
				heads[&l.head6[i]] = true
			}
		}
	}
	for n := range resets {
		l.reset()
		require.Zero(t, l.linked)
		require.Greater(t, l.base, uint32(maxDist), "reset %d: a head that was never set is 0", n)
		require.Greater(t, l.base+windowSize, l.base, "reset %d: the numbers of a chunk go round", n)
		for head := range heads {
			behind := l.base - *head // modulo 2^32, as extend has it
			if behind <= maxDist || uint64(behind) > 1<<32-windowSize {
				t.Fatalf("reset %d: %d is within reach of a chunk at %d", n, *head, l.base)
			}
		}
		if n%400 == 0 || 1<<31-uint64(l.base) < 3*perReset {
			leave(0)
			leave(windowSize - 40)
		}
	}
}

// TestOutputAfter2GB encodes chunks before and behind the reset that comes after about 2
// GB, and compares with encoders that have seen nothing else.
func TestOutputAfter2GB(t *testing.T) {
	t.Parallel()
	var chunks []*window
	const dict, end = 5000, 60000
	for _, in := range [][]byte{source(end), text(end), alphabet(end, 16), run(end), records(end, 9, 1), source(end)} {
		w := new(window)
		copy(w[:], in)
		chunks = append(chunks, w)
	}
	e := newEncoder()
	for round := range 3 {
		for range 1<<31/perReset - len(chunks)/2 { // as many chunks that are not looked at
			e.reset()
		}
		for i, w := range chunks {
			fresh := newEncoder()
			want := fresh.encode(nil, w, dict, end, false)
			got := e.encode(nil, w, dict, end, false)
			require.True(t, bytes.Equal(want, got), "round %d, chunk %d", round, i)
			require.True(t, fresh.link3 == e.link3, "round %d, chunk %d", round, i)
			require.True(t, fresh.link4 == e.link4, "round %d, chunk %d", round, i)
			require.True(t, fresh.link6 == e.link6, "round %d, chunk %d", round, i)
		}
	}
}
