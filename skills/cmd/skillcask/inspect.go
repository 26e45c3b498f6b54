// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/skills"
)

func (a *app) inspectCommand() *cobra.Command {
	var limits limitFlags
	var files bool
	cmd := &cobra.Command{
		Use:   "inspect SRC",
		Short: "Tell what an artifact says of itself and, with --files, what it holds",
		Long: `Tell what an artifact says of itself and, with --files, what it holds.

Without --files the layer is not read: name, version and all else are what the
artifact claims. With it they are compared with the files, which are listed with
their sizes; with --json also with their digests.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			src, reference, err := a.source(cmd, args[0])
			if err != nil {
				return err
			}
			result, err := skills.Inspect(cmd.Context(), src, reference,
				skills.InspectOptions{Files: files, Limits: limits.limits(), Progress: a.progress.report})
			if err != nil {
				return err
			}
			result.Config.Files = orEmpty(result.Config.Files)
			out := inspectJSON{
				Digest:      result.Root.Digest,
				MediaType:   result.Root.MediaType,
				Skill:       result.Config,
				Requires:    orEmpty(result.Requires),
				Annotations: result.Annotations,
				Layer:       layerJSON{result.Layer.Digest, result.Layer.Size},
				Checked:     files,
				Files:       filesOf(result.Files),
			}
			for _, p := range result.Platforms {
				out.Platforms = append(out.Platforms, platformJSON{skills.PlatformString(p.Platform), p.Manifest, p.Config})
			}
			return a.print(out, inspectText(out))
		},
	}
	limits.add(cmd)
	cmd.Flags().BoolVar(&files, "files", false, "read the layer, compare it with what the artifact says, and list its files")
	return cmd
}

// inspectText returns out for people.
func inspectText(out inspectJSON) string {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-14s %s\n", key, safe(value))
		}
	}
	line("name", out.Skill.Name)
	line("version", out.Skill.Version)
	line("description", out.Skill.Description)
	line("license", out.Skill.License)
	line("compatibility", out.Skill.Compatibility)
	line("allowed tools", strings.Join(out.Skill.AllowedTools, " "))
	line("requires", strings.Join(out.Requires, " "))
	for _, key := range slices.Sorted(maps.Keys(out.Skill.Metadata)) {
		line("metadata", key+": "+out.Skill.Metadata[key])
	}
	line("created", out.Annotations["org.opencontainers.image.created"])
	line("digest", out.Digest.String())
	line("layer", fmt.Sprintf("%s, %s", out.Layer.Digest, size(out.Layer.Size)))
	for _, p := range out.Platforms {
		line("platform", fmt.Sprintf("%s, manifest %s", p.Platform, p.Manifest))
	}
	if !out.Checked {
		for _, name := range out.Skill.Files {
			line("file", safeName(name))
		}
		line("checked", "no; --files reads the layer and compares")
		return strings.TrimSuffix(b.String(), "\n")
	}
	b.WriteString("files\n")
	for _, f := range out.Files {
		fmt.Fprintf(&b, "  %s %10d  %s\n", f.Mode, f.Size, safeName(f.Name))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
