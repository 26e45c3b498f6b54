// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package layout keeps the content of a registry on disk, in OCI image layouts
// (image specification, "image-layout"), which other tools read and write too:
//
//	store, err := layout.Open("dir")
//	defer store.Close()
//	srv := registrytest.New(t, registrytest.Options{Store: store})
//
// Repository a/b is the layout in the directory a/b below dir.
//
// # What is promised
//
// Whatever the store has acknowledged was synced to the disk, and an index.json is
// replaced in one step, so that a process may be killed at any moment. Several
// stores of one process may use a directory, and so may those of many processes
// where there are file locks: on Windows and on systems that have flock. Whoever
// changes a repository holds the lock of its directory, as other programs may, and
// sees what others have changed. A directory that is only read need not be writable.
//
// Entries that other tools have written into an index.json stay there as they are,
// unless a change is about them. A manifest that only an index leads to is served and
// not listed. One whose file is absent or damaged is unknown until it is pushed again.
//
// # Limits
//
// A repository can't have a part named blobs, index.json or oci-layout, nor lead
// through a link or a file: the methods return [registrytest.ErrNameInvalid]. Links
// that lead out of dir are not followed at all. The manifests of a repository are
// parsed when its index.json has changed; bodies of blobs are streamed.
package layout
