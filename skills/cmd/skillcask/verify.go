// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/skills"
)

func (a *app) verifyCommand() *cobra.Command {
	var limits limitFlags
	var modesFromFS bool
	cmd := &cobra.Command{
		Use:   "verify SRC DIR",
		Short: "Rebuild a directory and tell whether the artifact was made from it",
		Long: `Rebuild a directory and tell whether the artifact was made from it.

The exit status is 0 if they are identical and 1 if they differ.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			src, reference, err := a.source(cmd, args[0])
			if err != nil {
				return err
			}
			result, err := skills.Verify(cmd.Context(), src, reference, args[1], skills.VerifyOptions{
				ModesFromFS: modesFromFS, Limits: limits.limits(), Progress: a.progress.report})
			if err != nil {
				return err
			}
			out := verifyJSON{
				Identical: result.Identical,
				Digest:    result.Digest,
				Rebuilt:   result.Rebuilt,
				Added:     filesOf(result.Added),
				Removed:   filesOf(result.Removed),
				Changed:   make([]changeJSON, len(result.Changed)),
				Other:     orEmpty(result.Other),
			}
			for i, c := range result.Changed {
				out.Changed[i] = changeJSON{fileOf(c.Artifact), fileOf(c.Directory)}
			}
			if err := a.print(out, verifyText(out)); err != nil {
				return err
			}
			if !result.Identical {
				return errDiffers
			}
			return nil
		},
	}
	limits.add(cmd)
	cmd.Flags().BoolVar(&modesFromFS, "modes-from-fs", false, "the artifact was packed with this flag")
	return cmd
}

// verifyText returns out for people.
func verifyText(out verifyJSON) string {
	if out.Identical {
		return "identical: " + out.Digest.String()
	}
	lines := []string{fmt.Sprintf("differs: the artifact is %s, the directory gives %s", out.Digest, out.Rebuilt)}
	for _, f := range out.Added {
		lines = append(lines, "added    "+safe(f.Name))
	}
	for _, f := range out.Removed {
		lines = append(lines, "removed  "+safe(f.Name))
	}
	modesOnly := len(out.Changed) > 0 && len(out.Added)+len(out.Removed) == 0
	for _, c := range out.Changed {
		what := ""
		if c.Artifact.Digest == c.Directory.Digest {
			what = fmt.Sprintf(" (mode %s in the artifact, %s in the directory)", c.Artifact.Mode, c.Directory.Mode)
		} else {
			modesOnly = false
		}
		lines = append(lines, "changed  "+safe(c.Artifact.Name)+what)
	}
	if modesOnly {
		lines = append(lines, "only modes differ: if it was packed with --modes-from-fs, verify with it too")
	}
	for _, s := range out.Other {
		lines = append(lines, "besides  "+safe(s))
	}
	return strings.Join(lines, "\n")
}
