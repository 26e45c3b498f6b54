// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"unicode"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// The shapes that --json prints. Fields are added, never changed or removed.
type (
	// packJSON is printed by pack, and by push of a directory.
	packJSON struct {
		Digest    digest.Digest         `json:"digest"`
		Reference string                `json:"reference,omitempty"` // where it was pushed to
		Layout    string                `json:"layout,omitempty"`
		Tag       string                `json:"tag,omitempty"`
		MovedFrom digest.Digest         `json:"movedFrom,omitempty"` // what the tag named in the layout before
		Name      string                `json:"name"`
		Version   string                `json:"version,omitempty"`
		Manifest  digest.Digest         `json:"manifest"` // of the first platform
		Config    digest.Digest         `json:"config"`   // likewise
		Layer     digest.Digest         `json:"layer"`
		Platforms []string              `json:"platforms"`
		Dropped   []skilldir.Excluded   `json:"dropped"`
		Warnings  []skilldir.Diagnostic `json:"warnings"`
	}
	// copyJSON is printed by pull, and by push of an artifact.
	copyJSON struct {
		Digest    digest.Digest `json:"digest"`
		Reference string        `json:"reference"`
		Layout    string        `json:"layout,omitempty"`
		Tag       string        `json:"tag,omitempty"`
	}
	unpackJSON struct {
		Digest   digest.Digest `json:"digest"`
		Manifest digest.Digest `json:"manifest"`
		Name     string        `json:"name"`
		Version  string        `json:"version,omitempty"`
		Dir      string        `json:"dir"`
		Files    []fileJSON    `json:"files"`
	}
	inspectJSON struct {
		Digest      digest.Digest       `json:"digest"`
		MediaType   string              `json:"mediaType"`
		Skill       *skills.SkillConfig `json:"skill"`
		Requires    []string            `json:"requires"`
		Annotations map[string]string   `json:"annotations"`
		Layer       layerJSON           `json:"layer"`
		Platforms   []platformJSON      `json:"platforms"`
		// Checked says that the layer was read and all agrees; Files are empty otherwise.
		Checked bool       `json:"checked"`
		Files   []fileJSON `json:"files"`
	}
	verifyJSON struct {
		Identical bool          `json:"identical"`
		Digest    digest.Digest `json:"digest"`
		Rebuilt   digest.Digest `json:"rebuilt"`
		Added     []fileJSON    `json:"added"`
		Removed   []fileJSON    `json:"removed"`
		Changed   []changeJSON  `json:"changed"`
		Other     []string      `json:"other"`
		// With which flags of pack the directory was packed for the comparison.
		Exact       bool `json:"exact"`
		ModesFromFS bool `json:"modesFromFS"`
		// What the comparison left out.
		Dropped []skilldir.Excluded `json:"dropped"`
	}
	checkJSON struct {
		Identical   bool                `json:"identical"`
		Digest      digest.Digest       `json:"digest"`
		Manifest    digest.Digest       `json:"manifest"`
		Dir         string              `json:"dir"`
		Differences []skills.Difference `json:"differences"` // at most 1,000
		More        int                 `json:"more"`        // that are not listed
		Stopped     bool                `json:"stopped"`     // there may be others
	}
	// versionJSON is printed by --version.
	versionJSON struct {
		Version string `json:"version"` // of the module, "(devel)" if it has none
		Format  int    `json:"format"`  // the newest that is written
	}
	serveJSON struct {
		URL string `json:"url"`
	}
	fileJSON struct {
		Name   string        `json:"name"`
		Size   int64         `json:"size"`
		Mode   string        `json:"mode"` // octal: "0644" or "0755"
		Digest digest.Digest `json:"digest"`
	}
	changeJSON struct {
		Artifact  fileJSON `json:"artifact"`
		Directory fileJSON `json:"directory"`
	}
	layerJSON struct {
		Digest digest.Digest `json:"digest"`
		Size   int64         `json:"size"`
	}
	platformJSON struct {
		Platform string        `json:"platform"`
		Manifest digest.Digest `json:"manifest"`
		Config   digest.Digest `json:"config"`
	}
)

// printJSON prints v on standard output. Characters that could change what a
// terminal shows are escaped: the text of an artifact is anyone's.
func (a *app) printJSON(v any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	var escaped strings.Builder
	for _, r := range b.String() {
		if r != '\n' && unsafe(r) { // only ever inside a string
			fmt.Fprintf(&escaped, `\u%04x`, r)
		} else {
			escaped.WriteRune(r)
		}
	}
	_, err := io.WriteString(a.stdout, escaped.String())
	return err
}

// print prints v with --json, else text.
func (a *app) print(v any, text string) error {
	a.progress.clear()
	if a.json {
		return a.printJSON(v)
	}
	_, err := fmt.Fprintln(a.stdout, text)
	return err
}

func fileOf(f skills.FileInfo) fileJSON {
	return fileJSON{Name: f.Name, Size: f.Size, Mode: octal(f.Mode), Digest: f.Digest}
}

func filesOf(files []skills.FileInfo) []fileJSON {
	out := make([]fileJSON, len(files))
	for i, f := range files {
		out[i] = fileOf(f)
	}
	return out
}

func octal(mode fs.FileMode) string { return fmt.Sprintf("%04o", mode) }

func platformStrings(platforms []ocispec.Platform) []string {
	out := make([]string, len(platforms))
	for i, p := range platforms {
		out[i] = skills.PlatformString(p)
	}
	return out
}

// orEmpty makes a list that JSON shows as [] rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// printAnswer prints a result as print does, and returns errDiffers for a no.
func (a *app) printAnswer(yes bool, result any, text string) error {
	if err := a.print(result, text); err != nil {
		return err
	}
	if !yes {
		return errDiffers
	}
	return nil
}

// printf prints a line for people on standard error.
func (a *app) printf(format string, args ...any) {
	if !a.quiet {
		a.progress.clear()
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// printPacked prints what packing found and left out.
func (a *app) printPacked(result *skills.PackageResult) {
	for _, w := range result.Warnings {
		a.printf("warning: %s", safe(w.String()))
	}
	switch n := len(result.Excluded); {
	case a.verbose:
		for _, d := range result.Excluded {
			a.printf("left out: %s", droppedLine(d))
		}
	case n > 0:
		names := make([]string, 0, 3)
		for _, d := range result.Excluded[:min(n, 3)] {
			names = append(names, safeName(d.Name))
		}
		more := ""
		if n > len(names) {
			more = fmt.Sprintf(" and %d more", n-len(names))
		}
		a.printf("left out: %s%s; -v tells why", strings.Join(names, ", "), more)
	}
}

// safe replaces what could change a terminal's state. The text of an artifact
// is anyone's.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if unsafe(r) {
			return '?'
		}
		return r
	}, s)
}

// safeName is safe for a path, in which every character matters: what
// can't be seen is escaped as in a Go string. No portable name has a backslash.
func safeName(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

func unsafe(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}
