// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package grammar

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// The grammar of names and tags as the specification has it, and that of an
// upload's ID.
var (
	nameExp = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagExp  = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	uuidExp = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// FuzzName: names, tags, uploads and digests are valid for us if they are for
// others.
func FuzzName(f *testing.F) {
	for _, s := range []string{"a", "a/b", "a--b", "a_b", "a__b", "a___b", "a.b", "a..b", "a.", "/a", "a//b", "a_-b", "", "\xff", "V1.0-x_", "-v", ".v", strings.Repeat("v", 255), strings.Repeat("v", 256), strings.Repeat("v", 128), strings.Repeat("v", 129),
		"00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-00000000000G",
		NewUUID(), "0000000-00000-4000-8000-000000000000",
		"sha256:" + strings.Repeat("0", 64), "sha512:" + strings.Repeat("f", 128), "sha256:" + strings.Repeat("F", 64), "sha256:", "md5:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		require.Equal(t, len(s) <= 255 && nameExp.MatchString(s), ValidName(s), "%q", s)
		require.Equal(t, tagExp.MatchString(s), ValidTag(s), "%q", s)
		require.Equal(t, uuidExp.MatchString(s), ValidUUID(s), "%q", s)
		d := digest.Digest(s)
		_, err := ParseDigest(s)
		require.Equal(t, d.Validate() == nil && d.Algorithm() != digest.SHA384, err == nil, "%q", s)
	})
}

// FuzzRange: a range that is taken lies in the content.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-0", "bytes=-1", "bytes=5-", "bytes=1-2,3-4", "bytes=9223372036854775807-", "bytes=+1-2", "bytes=a-"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		start, length, partial, err := ParseRange(header, size)
		if err != nil {
			return
		}
		require.True(t, start >= 0 && length >= 0 && start+length <= size, "%d+%d of %d", start, length, size)
		require.True(t, !partial || length > 0)
		require.True(t, partial || start == 0 && length == size)
	})
}

// FuzzContentRange: what is taken is written again as it was, up to zeros.
func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"0-0", "000-007", "10-19", "19-10", "+1-2", "1_0-2_0", " 1-2", "-5", "5-", "bytes 0-1/2", "4611686018427387904-4611686018427387905", "0-9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		start, length, ok := ParseContentRange(header)
		if !ok {
			return
		}
		require.True(t, start >= 0 && length > 0 && start+length > start)
		first, last, _ := strings.Cut(header, "-")
		for _, number := range []*string{&first, &last} {
			digits := strings.TrimLeft(*number, "0")
			if digits == "" && *number != "" {
				digits = "0"
			}
			*number = digits
		}
		require.Equal(t, first+"-"+last, fmt.Sprintf("%d-%d", start, start+length-1), "%q", header)
	})
}

// FuzzETag: an entity tag is found in each list that it is in, and nothing that is
// named is found that the header does not hold.
func FuzzETag(f *testing.F) {
	for _, s := range []string{``, `*`, ` * `, `"a"`, `W/"a"`, `"b", "a"`, `"b",W/"a" , "c"`, `,, "a"`, `"b`, `a`, `"b" x, "a"`, `"x,y", "a"`, "\"\x00\", \"a\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		const etag = `"a"`
		strong, weak := MatchETag([]string{header}, etag, false), MatchETag([]string{header}, etag, true)
		require.True(t, weak || !strong)
		require.True(t, !weak || strings.Contains(header, etag) || strings.Trim(header, " \t") == "*")
		require.True(t, MatchETag([]string{header, etag}, etag, false))
		require.True(t, MatchETag([]string{etag + "," + header}, etag, false))
		require.True(t, !strong || MatchETag([]string{"W/\"x\"", header}, etag, false))
	})
}

func TestMatchETag(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]struct{ strong, weak bool }{
		``: {}, `*`: {true, true}, `"a"`: {true, true}, `W/"a"`: {false, true}, `w/"a"`: {}, `a`: {},
		`"b", "a"`: {true, true}, `"b",W/"a","c"`: {false, true}, `"x,y"	,, "a"`: {true, true},
		`"b`: {}, `"b" x, "a"`: {}, `"b", *`: {}, `W/ "a"`: {}, `"A"`: {},
	} {
		require.Equal(t, want.strong, MatchETag([]string{header}, `"a"`, false), header)
		require.Equal(t, want.weak, MatchETag([]string{header}, `"a"`, true), header)
	}
}

// FuzzCompareTags: it is an order, and that of the lower case where this differs.
func FuzzCompareTags(f *testing.F) {
	tags := []string{"", "a", "A", "ab", "Ab", "aB", "B", "b_", "b-", "b.", "B0", "1", "_"}
	for _, a := range tags {
		for _, b := range tags {
			f.Add(a, b, "Aa")
		}
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if !ValidTag(a) || !ValidTag(b) || !ValidTag(c) {
			return
		}
		ab := CompareTags(a, b)
		require.Equal(t, a == b, ab == 0)
		require.Equal(t, -ab, CompareTags(b, a))
		if order := strings.Compare(strings.ToLower(a), strings.ToLower(b)); order != 0 {
			require.Equal(t, order, ab)
		}
		if ab < 0 && CompareTags(b, c) < 0 {
			require.Negative(t, CompareTags(a, c))
		}
	})
}
