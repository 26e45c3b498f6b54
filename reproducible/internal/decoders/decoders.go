// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package decoders hands gzip members to decoders that are no kin of this
// project, for tests: what we write has to be read by all of them.
package decoders

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Case is a gzip member and what it must decode to.
type Case struct {
	Name         string
	Member, Want []byte
}

// Member puts a DEFLATE stream of content into a gzip member (RFC 1952).
func Member(deflated, content []byte) []byte {
	member := append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), deflated...)
	member = binary.LittleEndian.AppendUint32(member, crc32.ChecksumIEEE(content))
	return binary.LittleEndian.AppendUint32(member, uint32(len(content)))
}

// A decoder prints the SHA-256 of what each file decodes to, a line each.
type decoder struct {
	name, debian string   // its program and the package that has it
	command      []string // decodes one file to standard output; nil for python3
}

var programs = []decoder{
	{"gzip", "gzip", []string{"gzip", "-dc"}},
	{"pigz", "pigz", []string{"pigz", "-dc"}},
	{"libdeflate-gunzip", "libdeflate-tools", []string{"libdeflate-gunzip", "-c"}},
	{"busybox", "busybox", []string{"busybox", "gunzip", "-c"}},
	{"python3", "python3", nil},
}

// zlibScript decodes each file by zlib, which must find its end where it is.
const zlibScript = `
import hashlib, sys, zlib
for name in sys.argv[1:]:
    d = zlib.decompressobj(16 + zlib.MAX_WBITS)
    out = d.decompress(open(name, "rb").read()) + d.flush()
    assert d.eof and not d.unused_data, name
    print(hashlib.sha256(out).hexdigest())
`

// Check decodes every case by Go's compress/gzip, gzip, pigz, libdeflate,
// busybox, and the zlib of python3. A program that is missing is skipped, and
// fails the test where CI is "true".
func Check(t *testing.T, cases []Case) {
	t.Helper()
	dir := t.TempDir()
	files, want := make([]string, len(cases)), make([]string, len(cases))
	for i, c := range cases {
		files[i] = filepath.Join(dir, fmt.Sprintf("%d.gz", i))
		if err := os.WriteFile(files[i], c.Member, 0o600); err != nil {
			t.Fatal(err)
		}
		want[i] = sum(c.Want)
	}
	compare := func(t *testing.T, decode func(file string) (string, error)) {
		t.Helper()
		work := make(chan int)
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for i := range work {
					if got, err := decode(files[i]); err != nil || got != want[i] {
						t.Errorf("%s: decoded to %s, want %s; %v", cases[i].Name, got, want[i], err)
					}
				}
			})
		}
		for i := range cases {
			work <- i
		}
		close(work)
		workers.Wait()
	}
	t.Run("compress/flate", func(t *testing.T) { compare(t, decodeHere) })
	for _, d := range programs {
		t.Run(d.name, func(t *testing.T) {
			if _, err := exec.LookPath(d.name); err != nil {
				if os.Getenv("CI") == "true" {
					t.Fatalf("%s is missing: apt-get install %s", d.name, d.debian)
				}
				t.Skipf("%s is missing: apt-get install %s", d.name, d.debian)
			}
			if d.command == nil {
				pythonDecodes(t, cases, files, want)
				return
			}
			compare(t, func(file string) (string, error) {
				cmd := exec.Command(d.command[0], append(slices.Clone(d.command[1:]), file)...)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				// A warning, say of trailing bytes, is a fault too.
				if err != nil || stderr.Len() > 0 {
					return "", fmt.Errorf("%v: %s", err, stderr.Bytes())
				}
				return sum(out), nil
			})
		})
	}
}

// pythonDecodes starts python3, which is slow to start, once.
func pythonDecodes(t *testing.T, cases []Case, files, want []string) {
	t.Helper()
	cmd := exec.Command("python3", append([]string{"-c", zlibScript}, files...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	if len(got) != len(want) {
		t.Fatalf("%d results for %d files", len(got), len(want))
	}
	for i := range cases {
		if got[i] != want[i] {
			t.Errorf("%s: decoded to %s, want %s", cases[i].Name, got[i], want[i])
		}
	}
}

// decodeHere decodes by the standard library, whose reader of gzip uses
// compress/flate. The member must be the only one.
func decodeHere(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	rest := bytes.NewReader(data)
	zr, err := gzip.NewReader(rest)
	if err != nil {
		return "", err
	}
	zr.Multistream(false)
	out, err := io.ReadAll(zr)
	if err == nil && rest.Len() > 0 {
		err = fmt.Errorf("%d bytes after the member", rest.Len())
	}
	return sum(out), err
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
