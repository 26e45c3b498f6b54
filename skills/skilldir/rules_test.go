// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

var update = flag.Bool("update-rules", false, "write what the rules find into their cases")

func ruleCases(t *testing.T) []*ruleCase {
	t.Helper()
	var cases []*ruleCase
	require.NoError(t, filepath.WalkDir("testdata/rules", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".txtar") {
			cases = append(cases, readRuleCase(t, path))
		}
		return err
	}))
	return cases
}

// TestRuleCasesBounded runs each case in both profiles.
func TestRuleCasesBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	valid := map[Profile]int{}
	cases := ruleCases(t)
	for _, c := range cases {
		for _, profile := range profiles {
			if len(c.expect[profile]) == 0 {
				valid[profile]++
			}
		}
		t.Run(strings.TrimSuffix(filepath.ToSlash(c.path), ".txtar")[len("testdata/rules/"):], func(t *testing.T) {
			t.Parallel()
			reports := map[Profile]*Report{}
			found := map[Profile][]string{}
			for _, profile := range profiles {
				report := c.validate(t, profile)
				reports[profile], found[profile] = report, lines(report.Diagnostics)
				for _, d := range report.Diagnostics {
					assert.NotEmpty(t, d.Hint, d.Rule)
					assert.NotContains(t, d.String(), "\n")
				}
			}
			if *update {
				c.write(t, found)
			} else {
				assert.Equal(t, c.expect[ProfileOCI], found[ProfileOCI])
				assert.Equal(t, c.expect[ProfileAgentSkills], found[ProfileAgentSkills], "in agentskills")
			}
			c.packs(t, reports[ProfileOCI])
			c.onDisk(t, reports)
		})
	}
	require.GreaterOrEqual(t, len(cases), 150)
	t.Logf("%d cases; without a finding: %v", len(cases), valid)
}

// TestRuleCasesAreFoundAgainBounded judges each case again and again.
func TestRuleCasesAreFoundAgainBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	for _, c := range ruleCases(t) {
		for _, profile := range profiles {
			report := c.validate(t, profile)
			for range 3 {
				require.Equal(t, report, c.validate(t, profile), "the same input, other findings: %s", c.path)
			}
		}
	}
}

// messagesFile has every finding of every case as it is printed, so that all
// messages can be read in one place.
const messagesFile = "testdata/rules/messages.txt"

// TestMessages compares all messages with those that were read and found good.
func TestMessages(t *testing.T) {
	t.Parallel()
	byRule := map[string][]string{}
	for _, c := range ruleCases(t) {
		for _, profile := range profiles {
			for _, d := range c.validate(t, profile).Diagnostics {
				byRule[d.Rule] = append(byRule[d.Rule], string(d.Severity)+": "+d.String()+"\n")
			}
		}
	}
	got := ""
	for _, rule := range Rules() {
		slices.Sort(byRule[rule.ID])
		got += strings.Join(slices.Compact(byRule[rule.ID]), "")
	}
	if *update {
		require.NoError(t, os.WriteFile(messagesFile, []byte(got), 0o644))
	}
	want, err := os.ReadFile(messagesFile)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "read what is new; -update-rules writes it to %s", messagesFile)
}

// testedInCode are the halves of rules that no archive can show, and the tests
// that show them.
var testedInCode = map[string]struct{ fires, near string }{
	"skill-directory":    {"TestDirectoryThatIsNone", "TestDirectoryThatIsNone"},
	"labels-size":        {"TestLabelsOfTooManyNames", "TestLabelsOfTooManyNames"},
	"file-unreadable":    {"TestUnreadableIsTold", ""},
	"toolhive-platforms": {"TestToolHiveTakesArtifactsForSoManyPlatforms", "TestToolHiveTakesArtifactsForSoManyPlatforms"},
	"toolhive-layer":     {"TestToolHiveTakesLayersOfSoManyBytes", "TestToolHiveTakesLayersOfSoManyBytes"},
	"file-changed":       {"TestFileThatChangesIsFound", "TestFileThatChangesIsFound"},
	"file-name-segment":  {"TestBrokenFileSystems", ""},
	"file-name-twice":    {"TestBrokenFileSystems", ""},
	"file-and-directory": {"TestBrokenFileSystems", ""},
}

// testsThatName returns for each test of this package the text of its strings.
func testsThatName(t *testing.T) map[string]string {
	t.Helper()
	tests := map[string]string{}
	names, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					tests[f.Name.Name] += literal.Value
				}
				return true
			})
		}
	}
	return tests
}

// TestEveryRuleHasItsCases wants for each rule, in each profile that has it, a
// case in which it fires, and one in which it nearly does.
func TestEveryRuleHasItsCases(t *testing.T) {
	t.Parallel()
	fires, near := map[Profile]map[string]bool{}, map[string]bool{}
	for _, profile := range profiles {
		fires[profile] = map[string]bool{}
	}
	for _, c := range ruleCases(t) {
		for _, profile := range profiles {
			fired := map[string]bool{}
			for _, e := range c.expect[profile] {
				rule := strings.Fields(e)[1]
				fired[rule], fires[profile][rule] = true, true
			}
			for _, rule := range c.near[profile] {
				require.NotNil(t, rulesByID[rule], "%s: no rule %s", c.path, rule)
				require.False(t, fired[rule], "%s: %s is not near, it fires in %s", c.path, rule, profile)
				near[rule] = true
			}
		}
	}
	tests := testsThatName(t)
	shows := func(test, rule string) bool { return strings.Contains(tests[test], rule) }
	seen := map[string]bool{}
	for _, rule := range Rules() {
		require.False(t, seen[rule.ID], "twice: %s", rule.ID)
		seen[rule.ID] = true
		require.NotEmpty(t, rule.Summary)
		require.NotEmpty(t, rule.Example)
		code := testedInCode[rule.ID]
		for _, profile := range profiles {
			if rule.Severity(profile) != "" {
				assert.True(t, fires[profile][rule.ID] || shows(code.fires, rule.ID), "no case in which %s fires in %s", rule.ID, profile)
			}
		}
		assert.True(t, near[rule.ID] || shows(code.near, rule.ID), "no case in which %s nearly fires", rule.ID)
	}
	for rule := range testedInCode {
		require.True(t, seen[rule], rule)
	}
}
