// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// MaxFrontmatterBytes is how much may stand between the fences of SKILL.md.
const MaxFrontmatterBytes = 64 << 10

// maxBodyBytes bounds how much of what stands after them advice looks at.
const maxBodyBytes = 1 << 20

// skillText is SKILL.md as far as it was read.
type skillText struct {
	block    []byte // between the fences; it begins on line 2
	body     []byte // after the fences
	bodyLine int    // the number of its first line
	mark     bool   // a byte order mark stands before all
	head     fileHead
}

// fileHead reports whether a file still begins as it did.
type fileHead struct {
	size   int64
	digest [sha256.Size]byte
}

// readSkillText reads the block between the fences and, if it is asked for,
// the beginning of the body. A fence is a line of "---". What is wrong with
// the fences comes as a diagnostic, an error of r as an error.
func readSkillText(r io.Reader, withBody bool) (*skillText, *Diagnostic, error) {
	// Both fences, a byte order mark and carriage returns stand around the block.
	lines := bufio.NewReader(io.LimitReader(r, MaxFrontmatterBytes+64))
	var text skillText
	head := sha256.New()
	nearFence := 0 // a line that was perhaps meant to be the second fence
	for number := 1; ; number++ {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, err
		}
		text.head.size += int64(len(line))
		io.WriteString(head, line)
		if number == 1 {
			line, text.mark = strings.CutPrefix(line, "\ufeff")
		}
		fence := strings.TrimRight(line, " \t\r\n") == "---"
		switch {
		case number == 1 && !fence:
			return nil, notFence(line), nil
		case len(text.block) > MaxFrontmatterBytes || err != nil && len(text.block)+len(line) > MaxFrontmatterBytes:
			return nil, &Diagnostic{Rule: "frontmatter-length", File: SkillFileName, Line: 1, Column: 1,
				Message: fmt.Sprintf("the front matter is longer than %d bytes", MaxFrontmatterBytes),
				Hint:    "end it with a line of \"---\" and move text below that"}, nil
		case number > 1 && fence:
			text.bodyLine = number + 1
			head.Sum(text.head.digest[:0])
			if withBody {
				// What the reader of lines has in hand comes first.
				text.body, err = io.ReadAll(io.LimitReader(io.MultiReader(lines, r), maxBodyBytes))
				if err != nil {
					return nil, nil, err
				}
			}
			return &text, nil, nil
		case err != nil:
			return nil, noSecondFence(nearFence), nil
		}
		if number > 1 {
			text.block = append(text.block, line...)
			if mark := strings.TrimSpace(line); nearFence == 0 && len(mark) > 1 && strings.Trim(mark, "-") == "" || mark == "..." {
				nearFence = number
			}
		}
	}
}

// notFence describes the line in place of the first fence.
func notFence(line string) *Diagnostic {
	d := &Diagnostic{Rule: "frontmatter-fence", File: SkillFileName, Line: 1, Column: 1,
		Hint: "SKILL.md begins with a line of \"---\", YAML, and another line of \"---\""}
	switch line = strings.TrimRight(line, "\r\n"); {
	case line == "":
		d.Message = "the first line is empty, not \"---\""
	default:
		d.Message = fmt.Sprintf("the first line is %q, not \"---\"", oci.Excerpt(line))
	}
	return d
}

func noSecondFence(near int) *Diagnostic {
	d := &Diagnostic{Rule: "frontmatter-fence", File: SkillFileName, Line: 1, Column: 1,
		Message: "the front matter has no end", Hint: "add a line of \"---\" after it"}
	if near > 0 {
		d.Line = near
		d.Message = "the front matter has no end, and this line is not one"
		d.Hint = "make it exactly \"---\""
	}
	return d
}

// checkUTF8 finds the first byte of block that is not UTF-8. YAML would take
// some such blocks for UTF-16.
func checkUTF8(block []byte) *Diagnostic {
	if utf8.Valid(block) {
		return nil
	}
	at := 0
	for at < len(block) {
		r, size := utf8.DecodeRune(block[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	start := bytes.LastIndexByte(block[:at], '\n') + 1
	return &Diagnostic{Rule: "frontmatter-utf8", File: SkillFileName,
		Line:    bytes.Count(block[:at], []byte("\n")) + 2,
		Column:  utf8.RuneCount(block[start:at]) + 1,
		Message: fmt.Sprintf("the byte %#02x is not UTF-8", block[at]),
		Hint:    "save the file as UTF-8"}
}
