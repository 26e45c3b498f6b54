// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"bytes"
	"encoding/binary"
	"io/fs"
)

// The two modes that an archive holds.
const (
	modePlain      fs.FileMode = 0o644
	modeExecutable fs.FileMode = 0o755
)

// modeHeadSize is how many first bytes ModeOf looks at.
const modeHeadSize = 8

// ModeOf returns the mode that a file's first bytes ask for: 0755 if they are
// "#!" or the magic number of an ELF or Mach-O image, else 0644. It looks at
// up to 8 bytes of head; fewer mean that the file is that short.
//
// The rule exists because permission bits do not survive umask, zip, Windows
// or embed.FS, while content does.
func ModeOf(head []byte) fs.FileMode {
	if bytes.HasPrefix(head, []byte("#!")) || bytes.HasPrefix(head, []byte("\x7fELF")) || isMachO(head) {
		return modeExecutable
	}
	return modePlain
}

// isMachO recognises the magic numbers of <mach-o/loader.h> and <mach-o/fat.h>.
func isMachO(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	switch binary.BigEndian.Uint32(head) {
	case 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe:
		return true
	case 0xcafebabe, 0xcafebabf:
		// A Java class begins with 0xcafebabe too. Its next four bytes are a
		// version, 45 or more; a universal binary's are a count of images.
		return len(head) >= 8 && binary.BigEndian.Uint32(head[4:]) < 45
	}
	return false
}
