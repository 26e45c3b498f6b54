// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/skills"
)

func (a *app) checkCommand() *cobra.Command {
	var limits limitFlags
	cmd := &cobra.Command{
		Use:   "check SRC DIR",
		Short: "Tell whether a directory holds exactly what the artifact holds",
		Long: `Tell whether a directory holds exactly what the artifact holds.

DIR is what was unpacked. Nothing in it is ignored, hidden or not: a file too
many is a difference, as is one that is missing, has other content or another
executable bit, or is a link. The source is not needed.

The exit status is 0 if they are identical and 1 if they differ.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			src, reference, err := a.source(cmd, args[0])
			if err != nil {
				return err
			}
			result, err := skills.Check(cmd.Context(), src, reference, args[1],
				skills.CheckOptions{Limits: limits.limits(), Progress: a.progress.report})
			if err != nil {
				return err
			}
			out := checkJSON{
				Identical:   result.Identical,
				Digest:      result.Digest,
				Manifest:    result.Manifest,
				Dir:         args[1],
				Differences: orEmpty(result.Differences),
				More:        result.More,
				Stopped:     result.Stopped,
			}
			return a.printAnswer(result.Identical, out, checkText(out))
		},
	}
	limits.add(cmd)
	return cmd
}

// checkText returns out for people.
func checkText(out checkJSON) string {
	if out.Identical {
		return "identical: " + out.Digest.String()
	}
	lines := []string{fmt.Sprintf("differs: %s does not hold what %s holds", safe(out.Dir), out.Digest)}
	for _, d := range out.Differences {
		lines = append(lines, fmt.Sprintf("%-8s %s (%s)", d.Kind, safeName(d.Name), d.Detail))
	}
	if out.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", out.More))
	}
	if out.Stopped {
		lines = append(lines, "it holds so much more than the artifact that the comparison ended there")
	}
	return strings.Join(lines, "\n")
}
