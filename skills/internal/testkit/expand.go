// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// Expand replaces what stands in double braces: BOM, CR, byte:HEX, u:HEX which
// is a character, tags:TEXT which is that text in tag characters,
// repeat:COUNT:TEXT, token:PREFIX:LENGTH, which is a secret that is none, and
// eof, which ends the file.
func Expand(s string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{{")
		b.WriteString(before)
		directive, after, closed := strings.Cut(rest, "}}")
		if !ok || !closed {
			return b.String()
		}
		word, argument, _ := strings.Cut(directive, ":")
		switch first, second, _ := strings.Cut(argument, ":"); word {
		case "BOM":
			b.WriteString("\ufeff")
		case "CR":
			b.WriteByte('\r')
		case "byte":
			value, err := strconv.ParseUint(first, 16, 8)
			if err != nil {
				panic(err)
			}
			b.WriteByte(byte(value))
		case "u":
			value, err := strconv.ParseUint(first, 16, 21)
			if err != nil {
				panic(err)
			}
			b.WriteRune(rune(value))
		case "tags":
			b.WriteString(Tagged(first))
		case "repeat":
			count, err := strconv.Atoi(first)
			if err != nil {
				panic(err)
			}
			b.WriteString(strings.Repeat(second, count))
		case "token":
			length, err := strconv.Atoi(second)
			if err != nil {
				panic(err)
			}
			b.WriteString(first + randomLetters(length))
		case "eof":
			return b.String()
		}
		s = after
	}
}

// Tagged spells ASCII text in tag characters.
func Tagged(text string) string {
	return strings.Map(func(r rune) rune { return r + 0xe0000 }, text)
}

// randomLetters returns the same letters each time. They stand in no file, so
// that nobody's scanner takes them for a secret.
func randomLetters(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz23456789"
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, n)
	for i := range out {
		out[i] = letters[random.IntN(len(letters))]
	}
	return string(out)
}
