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
	cmd := &cobra.Command{
		Use:   "verify SRC DIR",
		Short: "Rebuild a directory and tell whether the artifact was made from it",
		Long: `Rebuild a directory and tell whether the artifact was made from it.

What packing leaves out is not compared, and is listed. To see whether a
directory holds what was unpacked and nothing else, use check.

The exit status is 0 if they are identical and 1 if they differ.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			src, reference, err := a.source(cmd, args[0])
			if err != nil {
				return err
			}
			result, err := skills.Verify(cmd.Context(), src, reference, args[1], skills.VerifyOptions{Limits: limits.limits(), Progress: a.progress.report})
			if err != nil {
				return err
			}
			out := verifyJSON{
				Identical:   result.Identical,
				Digest:      result.Digest,
				Rebuilt:     result.Rebuilt,
				Added:       filesOf(result.Added),
				Removed:     filesOf(result.Removed),
				Changed:     make([]changeJSON, len(result.Changed)),
				Other:       make([]string, len(result.Other)),
				Exact:       result.Exact,
				ModesFromFS: result.ModesFromFS,
				Dropped:     orEmpty(result.Excluded),
			}
			for i, reason := range result.Other {
				out.Other[i] = reason.Detail
			}
			for i, c := range result.Changed {
				out.Changed[i] = changeJSON{fileOf(c.Artifact), fileOf(c.Directory)}
			}
			return a.printAnswer(result.Identical, out, verifyText(out))
		},
	}
	limits.add(cmd)
	return cmd
}

// verifyText returns out for people.
func verifyText(out verifyJSON) string {
	var flags []string
	if out.Exact {
		flags = append(flags, "--exact")
	}
	if out.ModesFromFS {
		flags = append(flags, "--modes-from-fs")
	}
	how := ""
	if len(flags) > 0 {
		how = ", packed with " + strings.Join(flags, " ")
	}
	var lines []string
	if out.Identical {
		lines = append(lines, "identical: "+out.Digest.String()+how)
	} else {
		lines = append(lines, fmt.Sprintf("differs: the artifact is %s, the directory gives %s%s", out.Digest, out.Rebuilt, how))
		lines = append(lines, differingLines(out)...)
	}
	for _, d := range out.Dropped {
		lines = append(lines, "left out "+droppedLine(d))
	}
	if len(out.Dropped) > 0 {
		lines = append(lines, "what is left out was compared with nothing; skillcask check compares all that is in a directory")
	}
	return strings.Join(lines, "\n")
}

// differingLines says what differs, a thing a line.
func differingLines(out verifyJSON) []string {
	var lines []string
	for _, f := range out.Added {
		lines = append(lines, "added    "+safeName(f.Name))
	}
	for _, f := range out.Removed {
		lines = append(lines, "removed  "+safeName(f.Name))
	}
	modesOnly := len(out.Changed) > 0 && len(out.Added)+len(out.Removed) == 0
	for _, c := range out.Changed {
		what := ""
		if c.Artifact.Digest == c.Directory.Digest {
			what = fmt.Sprintf(" (mode %s in the artifact, %s in the directory)", c.Artifact.Mode, c.Directory.Mode)
		} else {
			modesOnly = false
		}
		lines = append(lines, "changed  "+safeName(c.Artifact.Name)+what)
	}
	if modesOnly {
		lines = append(lines, "only modes differ: it may have been packed with --modes-from-fs where files had other executable bits")
	}
	for _, s := range out.Other {
		lines = append(lines, "besides  "+safe(s))
	}
	return lines
}
