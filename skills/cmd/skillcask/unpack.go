// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/skills"
)

func (a *app) unpackCommand() *cobra.Command {
	var limits limitFlags
	var force bool
	cmd := &cobra.Command{
		Use:   "unpack SRC DEST",
		Short: "Unpack an artifact into a directory",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			src, reference, err := a.source(cmd, args[0])
			if err != nil {
				return err
			}
			result, err := skills.Unpack(cmd.Context(), src, reference, args[1],
				skills.UnpackOptions{Force: force, Limits: limits.limits(), Progress: a.progress.report})
			if errors.Is(err, skills.ErrHoldsSkill) {
				err = fmt.Errorf("%w (--force)", err)
			}
			if err != nil {
				return err
			}
			var total int64
			for _, f := range result.Files {
				total += f.Size
			}
			return a.print(unpackJSON{
				Digest:   result.Digest,
				Manifest: result.Manifest,
				Name:     result.Config.Name,
				Version:  result.Config.Version,
				Dir:      result.Dir,
				Files:    filesOf(result.Files),
			}, fmt.Sprintf("%s: %s, %s, written to %s", safe(result.Config.Name), plural(len(result.Files), "file"), size(total), result.Dir))
		},
	}
	limits.add(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "replace DEST if it holds a skill, that is a SKILL.md, once all of the new is there")
	return cmd
}
