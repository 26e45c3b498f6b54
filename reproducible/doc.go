// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package reproducible writes tar and gzip streams whose bytes anyone can
// rebuild, and reads such streams from strangers without harm. It imports the
// standard library only and knows nothing of OCI or of skills.
//
// To write an archive, list its files, those of a directory with [FilesFS], and
// stream them through both writers:
//
//	files, err := reproducible.FilesFS(root.FS()) // of os.OpenRoot(dir)
//	...
//	zw := reproducible.NewGzipWriter(out)
//	err = reproducible.WriteTar(ctx, zw, files, epoch)
//	if cerr := zw.Close(); err == nil {
//		err = cerr
//	}
//
// To read one, use [NewReader] over [NewGzipReader]; it hands out regular files
// with clean relative names only, within limits, and refuses what two programs
// would read differently. [Extract] writes them to a new directory.
//
// [Compressor] limits how many processors compress, and makes raw DEFLATE streams
// for zip files and others.
//
// # The promise
//
// The bytes that [WriteTar] writes are a function of the names, the contents,
// the modes and the epoch. The bytes that [GzipWriter] writes are a function
// of its input. Neither depends on the order in which files are given, the
// sizes of writes, the number of processors, the operating system, the
// architecture or the release of Go: no package but this one makes them.
// FORMAT.md beside this file specifies them.
//
// # What it is not for
//
// Archives that restore a directory as it was: only regular files are stored.
// Owners, times other than the epoch, extended attributes, links, directories and
// permission bits other than executable are not part of the format. Nor is it for
// the smallest output: there is one level.
package reproducible
