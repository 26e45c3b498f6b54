// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/source"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// ruleCase is a file of testdata/rules: a txtar archive of a skill directory,
// before which stand a line that says what it shows, then directives. Names
// may be quoted as in Go. See testkit.Expand for what stands in double braces.
//
// Both profiles judge each case. The lines "expect" have what is found, by
// agentskills too unless there are lines "expect-agentskills". The rules of a
// line "near" fire in neither profile, those of "near-oci" and "near-agentskills" do
// not in that one.
type ruleCase struct {
	path    string
	archive *txtar.Archive
	files   fstest.MapFS
	modes   map[string]fs.FileMode
	dir     string // its name, "" if it has none
	opts    ValidateOptions
	near    map[Profile][]string
	expect  map[Profile][]string // severity, rule and place of all findings
}

// nothing stands for no finding, where no line would mean the same as in oci.
const nothing = "nothing"

var profiles = []Profile{ProfileOCI, ProfileAgentSkills}

const defaultSkillMD = testkit.PlainSkillMD

var tagged = testkit.Tagged

func readRuleCase(t *testing.T, path string) *ruleCase {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	c := &ruleCase{path: path, archive: archive, files: fstest.MapFS{}, modes: map[string]fs.FileMode{}, dir: "demo",
		near: map[Profile][]string{}, expect: map[Profile][]string{}}
	for _, line := range strings.Split(strings.TrimSpace(string(archive.Comment)), "\n")[1:] {
		c.directive(t, strings.Fields(testkit.Expand(line)))
	}
	for _, f := range archive.Files {
		name := testkit.Expand(f.Name)
		if strings.HasPrefix(name, `"`) {
			name, err = strconv.Unquote(name)
			require.NoError(t, err)
		}
		c.files[name] = &fstest.MapFile{Data: []byte(testkit.Expand(string(f.Data))), Mode: 0o644}
	}
	for name, mode := range c.modes {
		require.Contains(t, c.files, name)
		c.files[name].Mode = mode
	}
	switch theirs, ok := c.expect[ProfileAgentSkills]; {
	case !ok:
		c.expect[ProfileAgentSkills] = c.expect[ProfileOCI]
	case slices.Equal(theirs, []string{nothing}):
		c.expect[ProfileAgentSkills] = nil
	}
	return c
}

func (c *ruleCase) directive(t *testing.T, words []string) {
	t.Helper()
	number := func() int {
		n, err := strconv.Atoi(words[1])
		require.NoError(t, err)
		return n
	}
	switch words[0] {
	case "dir":
		if c.dir = strings.Join(words[1:], " "); c.dir == "-" {
			c.dir = ""
		}
	case "skill":
		c.files[SkillFileName] = &fstest.MapFile{Data: []byte(defaultSkillMD), Mode: 0o644}
	case "symlink":
		c.files[words[1]] = &fstest.MapFile{Data: []byte(words[2]), Mode: fs.ModeSymlink | 0o777}
	case "special":
		c.files[words[1]] = &fstest.MapFile{Mode: fs.ModeNamedPipe | 0o644}
	case "mode":
		mode, err := strconv.ParseUint(words[2], 8, 9)
		require.NoError(t, err)
		c.modes[words[1]] = fs.FileMode(mode)
	case "max-files":
		c.opts.MaxFiles = number()
	case "max-bytes":
		c.opts.MaxBytes = int64(number())
	case "silence":
		c.opts.Silence = words[1:]
	case "near":
		for _, profile := range profiles {
			c.near[profile] = append(c.near[profile], words[1:]...)
		}
	case "near-oci", "near-agentskills":
		profile := Profile(strings.TrimPrefix(words[0], "near-"))
		c.near[profile] = append(c.near[profile], words[1:]...)
	case "expect":
		c.expect[ProfileOCI] = append(c.expect[ProfileOCI], strings.Join(words[1:], " "))
	case "expect-agentskills":
		c.expect[ProfileAgentSkills] = append(c.expect[ProfileAgentSkills], strings.Join(words[1:], " "))
	default:
		require.Fail(t, "unknown directive", words[0])
	}
}

// options returns those of the case for a profile.
func (c *ruleCase) options(profile Profile) ValidateOptions {
	opts := c.opts
	opts.Profile = profile
	return opts
}

// validate judges the case in memory.
func (c *ruleCase) validate(t *testing.T, profile Profile) *Report {
	t.Helper()
	report, err := validate(context.Background(), &source.Dir{FS: c.files, Label: c.dir, Name: c.dir}, c.options(profile))
	require.NoError(t, err)
	return report
}

// lines returns findings as the directive expect has them.
func lines(found []Diagnostic) []string {
	var out []string
	for _, d := range found {
		file := d.File
		if withoutHidden(file) != file {
			file = strconv.QuoteToASCII(file)
		}
		if strings.ContainsFunc(file, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0x2028 }) {
			file = strings.ReplaceAll(strconv.Quote(file), " ", `\x20`)
		}
		if d.Line > 0 {
			file += fmt.Sprintf(":%d:%d", d.Line, d.Column)
		}
		out = append(out, fmt.Sprintf("%s %s %s", d.Severity, d.Rule, file))
	}
	return out
}

// packs shows that packing finds the errors that validating finds.
func (c *ruleCase) packs(t *testing.T, report *Report) {
	t.Helper()
	src := &source.Dir{FS: c.files, Label: c.dir, Name: c.dir}
	skill, err := (&Dir{src}).Scan(context.Background(), ScanOptions{MaxFiles: c.opts.MaxFiles, MaxBytes: c.opts.MaxBytes})
	if want := report.Err(); want != nil {
		require.Equal(t, want, err)
		return
	}
	require.NoError(t, err)
	require.Equal(t, report.Frontmatter, skill.Frontmatter)
	require.Equal(t, report.Files, skill.Names)
	require.Equal(t, report.Excluded, skill.Excluded)
}

// onDisk shows that the case is the same in a directory, if this system can
// have such a one.
func (c *ruleCase) onDisk(t *testing.T, reports map[Profile]*Report) {
	t.Helper()
	if runtime.GOOS != "linux" || c.dir == "" {
		return
	}
	dir := filepath.Join(t.TempDir(), c.dir)
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, f := range c.files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		var err error
		switch f.Mode.Type() {
		case fs.ModeSymlink:
			err = os.Symlink(string(f.Data), path)
		case 0:
			err = os.WriteFile(path, f.Data, f.Mode)
		default:
			return
		}
		if err != nil {
			return // a name that is too long
		}
	}
	for profile, report := range reports {
		got, err := Validate(context.Background(), dir, c.options(profile))
		require.NoError(t, err)
		require.Equal(t, lines(report.Diagnostics), lines(got.Diagnostics))
		require.Equal(t, report.Frontmatter, got.Frontmatter)
		require.Equal(t, report.Files, got.Files)
		require.Equal(t, report.Excluded, got.Excluded)
	}
}

// write replaces the directives expect and expect-agentskills.
func (c *ruleCase) write(t *testing.T, found map[Profile][]string) {
	t.Helper()
	var kept []string
	for line := range strings.Lines(string(c.archive.Comment)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "expect") {
			kept = append(kept, line)
		}
	}
	for _, f := range found[ProfileOCI] {
		kept = append(kept, "expect "+f)
	}
	theirs := found[ProfileAgentSkills]
	if slices.Equal(theirs, found[ProfileOCI]) {
		theirs = nil
	} else if len(theirs) == 0 {
		theirs = []string{nothing}
	}
	for _, f := range theirs {
		kept = append(kept, "expect-agentskills "+f)
	}
	c.archive.Comment = []byte(strings.Join(kept, "\n") + "\n\n")
	require.NoError(t, os.WriteFile(c.path, txtar.Format(c.archive), 0o644))
}
