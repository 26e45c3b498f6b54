// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

func TestModeOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		head string
		want fs.FileMode
	}{
		{"", 0o644},
		{"#", 0o644},
		{"#!", 0o755},
		{"#!/bin/sh\n", 0o755},
		{"#! /usr/bin/env python3\n", 0o755},
		{" #!", 0o644},
		{"\n#!", 0o644},
		{"\ufeff#!/bin/sh\n", 0o644}, // a byte order mark hides it from kernels too
		{"# !", 0o644},
		{"!#", 0o644},
		{"---\nname: x\n", 0o644},

		{"\x7f", 0o644},
		{"\x7fEL", 0o644},
		{"\x7fELF", 0o755},
		{"\x7fELF\x02\x01\x01\x00", 0o755},
		{"\x7felf\x02\x01\x01\x00", 0o644},
		{"\x80ELF\x02\x01\x01\x00", 0o644},
		{"ELF\x7f", 0o644},

		// <mach-o/loader.h>: MH_MAGIC, MH_CIGAM, MH_MAGIC_64, MH_CIGAM_64.
		{"\xfe\xed\xfa\xce", 0o755},
		{"\xce\xfa\xed\xfe", 0o755},
		{"\xfe\xed\xfa\xcf", 0o755},
		{"\xcf\xfa\xed\xfe", 0o755},
		{"\xcf\xfa\xed\xfe\x07\x00\x00\x01", 0o755},
		{"\xcf\xfa\xed", 0o644},
		{"\xfe\xed\xfa\xcd", 0o644},

		// <mach-o/fat.h>: FAT_MAGIC and FAT_MAGIC_64, big-endian on disk, with
		// a count of images.
		{"\xca\xfe\xba\xbe\x00\x00\x00\x02", 0o755},
		{"\xca\xfe\xba\xbf\x00\x00\x00\x02", 0o755},
		{"\xca\xfe\xba\xbe\x00\x00\x00\x2c", 0o755},
		{"\xca\xfe\xba\xbe", 0o644},
		{"\xca\xfe\xba\xbe\x00\x00\x00", 0o644},
		// Java classes of versions 45.0, 45.3, 61.0 and 66.65535.
		{"\xca\xfe\xba\xbe\x00\x00\x00\x2d", 0o644},
		{"\xca\xfe\xba\xbe\x00\x03\x00\x2d", 0o644},
		{"\xca\xfe\xba\xbe\x00\x00\x00\x3d", 0o644},
		{"\xca\xfe\xba\xbe\xff\xff\x00\x42", 0o644},

		{"MZ\x90\x00\x03\x00\x00\x00", 0o644},
		{"\x00asm\x01\x00\x00\x00", 0o644},
		{"\x89PNG\r\n\x1a\n", 0o644},
		{"PK\x03\x04", 0o644},
		{"dey\n035\x00", 0o644},
	} {
		t.Run(fmt.Sprintf("%q", test.head), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, reproducible.ModeOf([]byte(test.head)))
			require.Equal(t, test.want, reproducible.File{}.ModeFor([]byte(test.head)))
			if len(test.head) >= 8 {
				require.Equal(t, test.want, reproducible.ModeOf([]byte(test.head)[:8]), "8 bytes are enough")
				require.Equal(t, test.want, reproducible.ModeOf([]byte(test.head+"#!\x7fELF")), "more do not matter")
			}
			// What ModeOf says is what WriteTar writes.
			header := archive(t, epoch0, file("f", test.head))
			require.Equal(t, fmt.Sprintf("%07o\x00", test.want), string(header[100:108]))
		})
	}
}

func TestModeForPrefersTheFilesOwnMode(t *testing.T) {
	t.Parallel()
	for mode, want := range map[fs.FileMode]fs.FileMode{
		0o644: 0o644, 0o600: 0o644, 0o444: 0o644, 0o666: 0o644, 0o222: 0o644, fs.ModeSetuid: 0o644, fs.ModeSetuid | 0o644: 0o644,
		0o755: 0o755, 0o777: 0o755, 0o100: 0o755, 0o010: 0o755, 0o001: 0o755, 0o744: 0o755, fs.ModeSetuid | 0o755: 0o755,
	} {
		for _, content := range []string{"", "plain", "#!/bin/sh\n"} {
			f := file("f", content)
			f.Mode = mode
			require.Equal(t, want, f.ModeFor([]byte(content)), "%v", mode)
			require.Equal(t, fmt.Sprintf("%07o\x00", want), string(archive(t, epoch0, f)[100:108]), "%v", mode)
		}
	}
}
