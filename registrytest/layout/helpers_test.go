// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/opencontainers/go-digest"
	"go.uber.org/goleak"

	"github.com/skillcask/skillcask/registrytest/internal/testkit"
)

// TestMain looks for goroutines that outlive their servers.
func TestMain(m *testing.M) {
	if serveForKill() {
		return
	}
	goleak.VerifyTestMain(m)
}

// What these tests share with those of the registry.
const (
	seedText  = testkit.SeedText
	imageType = testkit.ImageType
)

var (
	seedDigest    = testkit.SeedDigest
	seed          = testkit.Seed
	putBlob       = testkit.PutBlob
	image         = testkit.Image
	imageManifest = testkit.ImageManifest
	newRepo       = testkit.NewRepo
	pack          = testkit.Pack
	write         = testkit.WriteFile
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// blobFile is where a store keeps content of demo/app.
func blobFile(dir string, dgst digest.Digest) string {
	return filepath.Join(dir, "demo/app/blobs", dgst.Algorithm().String(), dgst.Encoded())
}
