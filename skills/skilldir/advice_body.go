// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"fmt"
	"iter"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// What the specification advises for the text below the front matter.
const maxBodyTokens = 5000

// Limits on one line of it. Expressions are matched against a line as a whole,
// so that its length bounds the time that each of its references takes.
const (
	maxAdvisedLineBytes = 4 << 10
	maxLineReferences   = 100 // of links and of mentions each
)

// bodyLine is a line of Markdown.
type bodyLine struct {
	number int
	text   string
	fenced bool
	lang   string // of the fenced block, in small letters
}

// adviseBody looks at what stands after the front matter.
func (s *scanner) adviseBody(ctx context.Context, heads map[string]headFacts) error {
	body := string(s.text.body)
	warnAt := func(line, column int, rule, message, hint string) {
		s.found.add(Diagnostic{Rule: rule, File: s.skillMD.name, Line: line, Column: column, Message: message, Hint: hint})
	}
	// body-empty. False positives: a skill whose description says all, or whose
	// whole text stands in other files that agents find by themselves.
	if strings.TrimSpace(body) == "" {
		warnAt(s.text.bodyLine-1, 1, "body-empty", "nothing stands after the front matter", "write what an agent should do")
		return nil
	}
	if n := tokens(body); n > maxBodyTokens {
		warnAt(s.text.bodyLine, 1, "body-tokens", fmt.Sprintf("the text is some %d tokens long", n),
			fmt.Sprintf("an agent reads all of it; keep at most %d and move detail to references/", maxBodyTokens))
	}
	reported := map[string]bool{} // each path once
	paths := s.paths()
	for line := range bodyLines(body, s.text.bodyLine) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, ref := range references(line) {
			if rule, message, hint := paths.judge(ref, heads); rule != "" && !reported[rule+ref.target] {
				reported[rule+ref.target] = true
				warnAt(line.number, ref.column, rule, message, hint)
			}
		}
	}
	return nil
}

// tokens estimates how many tokens a text is: a token has some four letters of
// English, and one of Chinese. False positives: the estimate is a third off at
// worst, which is why the message says "some".
func tokens(text string) int {
	ascii := 0
	for i := range len(text) {
		if text[i] < utf8.RuneSelf {
			ascii++
		}
	}
	return ascii/4 + utf8.RuneCountInString(text) - ascii
}

// bodyLines yields the lines and finds the fenced blocks (CommonMark 4.5).
func bodyLines(body string, first int) iter.Seq[bodyLine] {
	return func(yield func(bodyLine) bool) {
		number := first
		fence, lang := "", ""
		for text := range strings.Lines(body) {
			text = strings.TrimRight(text, "\r\n")
			line := bodyLine{number: number, text: text, fenced: fence != "", lang: lang}
			mark, info := fenceOf(text)
			switch {
			case fence == "" && mark != "":
				fence, line.fenced = mark, true
				lang, _, _ = strings.Cut(strings.ToLower(info), " ")
				line.lang = "opening" // nothing is looked for in the fence itself
			case fence != "" && mark != "" && mark[0] == fence[0] && len(mark) >= len(fence) && info == "":
				fence, lang = "", ""
			}
			if !yield(line) {
				return
			}
			number++
		}
	}
}

// fenceOf returns the backquotes or tildes that a line begins with, if they
// are a fence, and what follows.
func fenceOf(text string) (mark, info string) {
	text = strings.TrimLeft(text, " \t>")
	for _, c := range []string{"`", "~"} {
		rest := strings.TrimLeft(text, c)
		if n := len(text) - len(rest); n >= 3 && !strings.Contains(rest, "`") {
			return text[:n], strings.TrimSpace(rest)
		}
	}
	return "", ""
}

// reference is a path that a line names.
type reference struct {
	target string // as it is written, without fragment and query
	column int
	link   bool // a Markdown link, else a path in the text
	runs   bool // the line runs it as a command
}

var (
	// markdownLink is an inline link or image, or a link reference definition
	// (CommonMark 6.3, 4.7), without titles and nested brackets.
	markdownLink = regexp.MustCompile(`\]\(\s*<?([^()<>\s]+)>?(?:\s+["'(][^)]*)?\)|^ {0,3}\[[^\]]+\]:\s+<?([^<>\s]+)>?`)
	codeSpan     = regexp.MustCompile("`[^`]*`")
	// mention is a path below one of the directories that the specification
	// names, with an extension.
	mention = regexp.MustCompile(`(?:\./)?(?:scripts|references|assets)/[A-Za-z0-9._/-]*[A-Za-z0-9_-]\.[A-Za-z0-9]{1,8}\b`)
	// shellLangs are what blocks of commands are marked with.
	shellLangs = map[string]bool{"bash": true, "sh": true, "shell": true, "console": true, "zsh": true, "shell-session": true}
	// hypothetical are signs that a line speaks of paths that need not be there. False
	// negatives are the price.
	hypothetical = regexp.MustCompile(`(?i)\b(e\.g|example|examples|for instance|such as|like|create|creates|created|creating|generate|generates|generated|output|outputs|write|writes|written|save|saves|saved|saving|add|adds|adding|export|exports|your|new|optional|if present|if it exists|would|could|might)\b|→|->|=>`)
)

// placeholder is a name that stands for another.
var placeholder = regexp.MustCompile(`(?i)^(?:script|file|guide|template)?[-_]?(?:name|foo|bar|example|xxx?|your[-_].*|my[-_].*)\.`)

// references finds the paths that a line names. What is in a block of another
// language than a shell's is an example of something; a tree of files often.
// False negatives: what stands beyond the limits of a line.
func references(line bodyLine) []reference {
	if line.fenced && !shellLangs[line.lang] {
		return nil
	}
	var out []reference
	whole := clipLine(line.text)
	text := whole // without its links
	column := func(offset int) int { return utf8.RuneCountInString(whole[:offset]) + 1 }
	if !line.fenced {
		// Links in code are not links; mentions in code are.
		blanked := codeSpan.ReplaceAllStringFunc(whole, func(s string) string { return strings.Repeat(" ", len(s)) })
		rest := []byte(whole)
		for _, m := range markdownLink.FindAllStringSubmatchIndex(blanked, maxLineReferences) {
			start, end := m[2], m[3]
			if start < 0 {
				start, end = m[4], m[5]
			}
			if target := linkTarget(blanked[start:end]); target != "" {
				out = append(out, reference{target: target, column: column(start), link: true})
			}
			for i := m[0]; i < m[1]; i++ {
				rest[i] = ' '
			}
		}
		text = string(rest)
	}
	mentions := mention.FindAllStringIndex(text, maxLineReferences)
	made := len(mentions) > 0 && hypothetical.MatchString(text)
	for _, m := range mentions {
		if m[0] > 0 && (isWord(text[m[0]-1]) || strings.IndexByte("./}>~-$*]%@:\\", text[m[0]-1]) >= 0) || // part of a longer path
			m[1] < len(text) && strings.IndexByte("/*{<[(", text[m[1]]) >= 0 {
			continue
		}
		runs := line.fenced && isCommand(text, m[0])
		if !runs && made || placeholder.MatchString(path.Base(text[m[0]:m[1]])) {
			continue
		}
		out = append(out, reference{target: text[m[0]:m[1]], column: column(m[0]), runs: runs})
	}
	return out
}

// clipLine ends a line that is too long at white space, so that no path in it
// is cut in two.
func clipLine(text string) string {
	if len(text) <= maxAdvisedLineBytes {
		return text
	}
	return text[:strings.LastIndexAny(text[:maxAdvisedLineBytes], " \t")+1]
}

// isCommand reports whether what begins at offset is the command of its line.
func isCommand(text string, offset int) bool {
	before := strings.TrimSpace(text[:offset])
	return before == "" || before == "$" || before == "%" || before == ">"
}

var (
	scheme   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	template = regexp.MustCompile(`[{}<>$*|]|\.\.\.|…`)
)

// linkTarget returns the path that a link leads to, or "" if it is no relative
// one or stands for another.
func linkTarget(target string) string {
	if scheme.MatchString(target) || template.MatchString(target) {
		return ""
	}
	if i := strings.IndexAny(target, "#?"); i >= 0 {
		target = target[:i]
	}
	// "[text](url)" shows how links are written.
	if target == "" || target[0] == '/' || !strings.ContainsAny(strings.TrimRight(target, "."), "./") {
		return ""
	}
	return unescapePercent(target)
}
