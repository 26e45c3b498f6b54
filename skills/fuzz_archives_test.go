// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
)

// FuzzArchivesAgree writes a layer block by block: entries of all types, lying
// sizes, pax records, archives after the end, gzip members. Whoever takes it
// must see the same files, and no other reader may see more.
func FuzzArchivesAgree(f *testing.F) {
	f.Add([]byte{})
	addScripts(f, 40)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &script{data}
		layer := s.gzipped(s.archive())
		src := &rawStore{blobs: map[digest.Digest][]byte{}, mediaType: ocispec.MediaTypeImageIndex}
		wrap(s, src, layer)
		got := agree(t, src, "x")
		agreeOnPull(t, src, got)
		if got.unpacked != nil {
			requireOneArchive(t, layer, got.unpacked.Files)
		}
		if len(data) == 0 {
			require.NotNil(t, got.unpacked, "what is as it should be is taken")
		}
	})
}

// Parts of entries.
var (
	entryNames = []string{"a", "A", "./a", "a/b", "b/", "..", "../x", "/x", "", "SKILL.md", "skill.md", ".hidden/x", "con", "x\\y", "a:b", "e\u0301", "\u00e9",
		"./", ".", "a//b", "a/./b", "x\x00y", strings.Repeat("n", 100), "scripts/run.sh",
		"b", "c.md", "d/e.sh", ".f", "./g", "h/i/j", "k l", "\u00fc.md", "d/m"}
	entryTypes   = []byte{0, tar.TypeDir, tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeFifo, tar.TypeXHeader, tar.TypeXGlobalHeader, tar.TypeGNUSparse, 'L', 'K', '7', 'D', 'M'}
	entrySizes   = []string{"00000000000\x00", "00000000001\x00", "00000001000\x00", "77777777777\x00", "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "-0000000001\x00", " 5 "}
	entryContent = []string{"", "x", "#!/bin/sh\n", strings.Repeat("y", 512), strings.Repeat("z", 700), skillMD}
	paxRecords   = []string{"path=a", "path=../x", "path=SKILL.md", "size=0", "size=1000000000000", "size=5", "linkpath=/etc/passwd", "comment=abc", "mtime=-1", "GNU.sparse.major=1",
		"GNU.sparse.name=a", "GNU.sparse.size=3", "SCHILY.xattr.user.a=b", "path=", "uid=99999999999999999999", "hdrcharset=BINARY"}
)

// archive writes a tar archive with SKILL.md and some entries.
func (s *script) archive() []byte {
	var b bytes.Buffer
	count := s.pick(6)
	place := s.pick(count + 1)
	for i := range count + 1 {
		if i == place {
			writeEntry(&b, "SKILL.md", tar.TypeReg, "", skillMD)
		}
		if i < count {
			s.entry(&b)
		}
	}
	b.Write(make([]byte, one(s, []int{1024, 1024, 1024, 512, 0, 2048, 10240})))
	switch s.pick(12) {
	case 1: // what some readers go on with
		s.entry(&b)
		b.Write(make([]byte, 1024))
	case 2:
		b.WriteString(s.text())
	case 3:
		b.Truncate(max(0, b.Len()-s.pick(256)))
	case 4: // a byte anywhere
		if b.Len() > 0 {
			b.Bytes()[(s.pick(256)<<8|s.pick(256))%b.Len()] ^= byte(1 << s.pick(8))
		}
	}
	return b.Bytes()
}

// entry writes an entry, which may be wrong in any way.
func (s *script) entry(b *bytes.Buffer) {
	name := one(s, entryNames)
	if s.pick(8) == 1 {
		name = s.text()
	}
	flag, size, content := byte(tar.TypeReg), "", one(s, entryContent)
	if s.pick(3) == 1 {
		flag = one(s, entryTypes)
	}
	if s.pick(6) == 1 {
		size = one(s, entrySizes)
	}
	if flag == tar.TypeXHeader || flag == tar.TypeXGlobalHeader {
		var records strings.Builder
		for range 1 + s.pick(3) {
			record := one(s, paxRecords)
			n := len(record) + 3
			if n+1 > 10 {
				n = len(record) + 4
			}
			fmt.Fprintf(&records, "%d %s\n", n-1, record)
		}
		content = records.String()
	}
	writeEntry(b, name, flag, size, content)
}

// writeEntry writes a header and content (POSIX.1-2024, pax, "ustar Interchange
// Format"). An empty size is the right one.
func writeEntry(b *bytes.Buffer, name string, flag byte, size, content string) {
	if size == "" {
		size = fmt.Sprintf("%011o\x00", len(content))
	}
	header := make([]byte, 512)
	copy(header, name[:min(len(name), 100)])
	copy(header[100:], "0000644\x000000000\x000000000\x00")
	copy(header[124:136], size)
	copy(header[136:], "00000000000\x00        ")
	header[156] = flag
	copy(header[157:], "SKILL.md")
	copy(header[257:], "ustar\x0000")
	sum := 0
	for _, c := range header {
		sum += int(c)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	b.Write(header)
	b.WriteString(content)
	b.Write(make([]byte, -len(content)&511))
}

// gzipped compresses data, in one member or in two, with what may stand beside.
func (s *script) gzipped(data []byte) []byte {
	var b bytes.Buffer
	member := func(part []byte) {
		zw := gzip.NewWriter(&b)
		switch s.pick(4) {
		case 1:
			zw.Name, zw.Comment = "x", "y"
		case 2:
			zw.Extra = []byte("zz\x01\x00a")
		}
		_, _ = zw.Write(part)
		_ = zw.Close()
	}
	cut := len(data)
	if s.pick(8) == 1 {
		cut = min(len(data), 512*s.pick(256))
	}
	member(data[:cut])
	if cut < len(data) {
		member(data[cut:])
	}
	switch s.pick(16) {
	case 1:
		b.WriteString(s.text())
	case 2:
		b.Write(make([]byte, 512))
	case 3:
		member(nil)
	case 4:
		b.Truncate(b.Len() - s.pick(9))
	case 5:
		b.Bytes()[s.pick(b.Len())] ^= byte(1 << s.pick(8))
	}
	return b.Bytes()
}

// wrap makes an artifact around a layer. It says what a reader of the layer
// would say, unless the script wants it otherwise.
func wrap(s *script, src *rawStore, layer []byte) {
	demo := fuzzDocuments()[0]
	plain := gunzip(layer)
	var files []string
	reader := tar.NewReader(bytes.NewReader(plain))
	for {
		header, err := reader.Next()
		if err != nil {
			break
		}
		if header.Typeflag == tar.TypeReg {
			files = append(files, strings.TrimPrefix(header.Name, "./"))
		}
	}
	slices.Sort(files)
	if s.pick(8) == 1 {
		files = append(files, "more")
	}
	list, err := json.Marshal(files)
	if err != nil {
		panic(err)
	}
	src.put(layer)
	index := parseNode(demo.index)
	for i := range demo.manifests {
		config := parseNode(demo.configs[i])
		config.at("config").at("Labels").set(skills.LabelSkillFiles, quoted(string(list)))
		config.at("rootfs").at("diff_ids").kids[0] = quoted(digest.FromBytes(plain).String())
		data := []byte(config.String())
		src.put(data)
		manifest := parseNode(demo.manifests[i])
		describeInto(manifest.at("config"), data)
		describeInto(manifest.at("layers").kids[0], layer)
		data = []byte(manifest.String())
		src.put(data)
		describeInto(index.at("manifests").kids[i], data)
	}
	src.root = src.put([]byte(index.String()))
}

// requireOneArchive wants a layer in which every reader finds the same files:
// one gzip member, one archive, nothing after its end.
func requireOneArchive(t *testing.T, layer []byte, files []skills.FileInfo) {
	t.Helper()
	in := bytes.NewReader(layer)
	zr, err := gzip.NewReader(in)
	require.NoError(t, err)
	zr.Multistream(false)
	plain, err := io.ReadAll(zr)
	require.NoError(t, err)
	require.Zero(t, in.Len(), "something follows the first gzip member")
	rest := bytes.NewReader(plain)
	reader := tar.NewReader(rest)
	var there []string
	for {
		header, err := reader.Next()
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
		if header.Typeflag == tar.TypeReg {
			there = append(there, strings.TrimPrefix(header.Name, "./"))
		}
	}
	var want []string
	for _, file := range files {
		want = append(want, file.Name)
	}
	require.Equal(t, want, there)
	after, err := io.ReadAll(rest)
	require.NoError(t, err)
	require.Zero(t, len(bytes.Trim(after, "\x00")), "something follows the end of the archive")
}
