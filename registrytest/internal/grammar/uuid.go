// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package grammar

import (
	"crypto/rand"
	"encoding/hex"
)

// NewUUID makes a random UUID (RFC 9562, version 4): the specification wants
// one in the location of an upload.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[:], b[:4])
	at := 8
	for _, part := range [...][]byte{b[4:6], b[6:8], b[8:10], b[10:]} {
		s[at] = '-'
		at += 1 + hex.Encode(s[at+1:], part)
	}
	return string(s[:])
}

// ValidUUID matches the form of what [NewUUID] makes, of any version.
func ValidUUID(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (c == '-') || !hyphen && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 36
}
