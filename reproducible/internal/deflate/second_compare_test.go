// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

// secondDeep is the environment variable that says how long TestSecondEncoderBounded is
// to go on with random inputs, such as 5m.
const secondDeep = "SKILLCASK_SECOND"

func requireSecond(t *testing.T, in []byte, what string, args ...any) {
	t.Helper()
	got, want := encode(t, in, 1, 0), secondDeflate(in)
	if string(got) != string(want) { // without printing all of it
		require.Fail(t, "other bytes than FORMAT.md says", "%s: %d bytes give %d, should give %d",
			fmt.Sprintf(what, args...), len(in), len(got), len(want))
	}
}

func TestSecondEncoderBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	parts := &secondParts{text(200_000), source(200_000), random(200_000)}
	few := 1 // by how much the rounds are fewer
	if testing.Short() {
		few = 4
	}
	t.Run("golden", func(t *testing.T) {
		t.Parallel()
		for _, c := range inputs() {
			if in := c.make(); len(in) <= 310_000 {
				requireSecond(t, in, "%s", c.name)
			}
		}
	})

	t.Run("skills", func(t *testing.T) {
		t.Parallel()
		var all []byte
		for _, dir := range []string{"../../../skills/testdata", "../../../skills/skilldir/testdata"} {
			require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() {
					return err
				}
				in, err := os.ReadFile(path)
				requireSecond(t, in, "%s", path)
				all = append(all, in...)
				return err
			}))
		}
		require.NotEmpty(t, all)
		requireSecond(t, all, "all files")
	})

	t.Run("short", func(t *testing.T) {
		t.Parallel()
		for n := range 301 {
			for _, k := range []int{1, 2, 3, 6, 30, 256} {
				requireSecond(t, parts.alphabet(seeded(1000*n+k), n, k), "%d of %d", n, k)
			}
			requireSecond(t, parts.words[n:2*n], "text of %d", n)
			requireSecond(t, parts.mixed(seeded(n), n, 40), "mixed of %d", n)
		}
	})

	t.Run("segments", func(t *testing.T) {
		t.Parallel()
		for i := range 24 / few {
			x := seeded(i)
			requireSecond(t, parts.segments(x), "segments %d", i)
		}
		for n := range 40 { // outputs around n + 5·ceil(n/65,535)
			requireSecond(t, join(parts.noise[:16_384], parts.alphabet(seeded(n), n, 1+n%4)), "noise and %d bytes", n)
			tail := append([]byte("abcdefabc"), parts.alphabet(seeded(n), n, 100)...)
			for i := range n {
				tail[9+i] += 150
			}
			requireSecond(t, append(parts.noise[:16_384:16_384], tail...), "noise and a match and %d bytes", n)
		}
		for _, sum := range []int{25_085, 25_087} { // it is odd always
			seg := parts.even(seeded(sum), sum)
			requireSecond(t, seg, "sum %d", sum)
			requireSecond(t, join(parts.words[:16_384], seg, parts.words[16_384:20_000]), "sum %d within text", sum)
		}
	})

	t.Run("mixed", func(t *testing.T) {
		t.Parallel()
		for i := range 160 / few {
			x := seeded(i)
			requireSecond(t, parts.mixed(x, 1<<x.below(18), 1<<x.below(14)), "mixed %d", i)
		}
	})

	t.Run("skewed", func(t *testing.T) {
		t.Parallel()
		for i := range 40 / few {
			requireSecond(t, parts.skewed(seeded(i)), "skewed %d", i)
		}
	})

	t.Run("bounds", func(t *testing.T) {
		t.Parallel()
		for i, in := range parts.bounds() {
			requireSecond(t, in, "bounds %d", i)
		}
	})

	t.Run("chunks", func(t *testing.T) {
		t.Parallel()
		for i, in := range parts.chunks(testing.Short()) {
			requireSecond(t, in, "chunks %d", i)
		}
	})

	t.Run("deep", func(t *testing.T) {
		t.Parallel()
		if os.Getenv(secondDeep) == "" {
			t.Skip(secondDeep, " is not set")
		}
		d, err := time.ParseDuration(os.Getenv(secondDeep))
		require.NoError(t, err)
		begin, count, size := time.Now(), 0, 0
		for ; time.Since(begin) < d; count++ {
			seed := int(begin.UnixNano()) + count
			x, in := seeded(seed), []byte(nil)
			switch x.below(4) {
			case 0:
				in = parts.segments(x)
			case 1:
				in = parts.skewed(x)
			default:
				in = parts.mixed(x, 1<<x.below(19), 1<<x.below(15))
			}
			requireSecond(t, in, "seed %d", seed)
			size += len(in)
		}
		t.Logf("%d inputs, %d bytes", count, size)
	})
}
