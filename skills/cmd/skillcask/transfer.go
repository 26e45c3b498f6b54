// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

func (a *app) pushCommand() *cobra.Command {
	var flags packFlags
	cmd := &cobra.Command{
		Use:   "push SRC REF",
		Short: "Push a directory or an artifact to a registry and print the index digest",
		Long: `Push a directory or an artifact to a registry and print the index digest.

SRC is a directory, which is packed, or oci:PATH:TAG or oci:PATH@DIGEST.
REF is HOST[:PORT]/REPOSITORY:TAG. The tag is set when all else is there.

A directory in which a private key or an access token is found is not pushed,
unless --allow secret says that it is none. In what is packed already nothing is
looked for: pack warned of it.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.progress.awaits = "sent, waiting for the answer"
			registry, err := a.registry(cmd)
			if err != nil {
				return err
			}
			if isLayout(args[0]) {
				return layoutError(args[0])
			}
			if !strings.HasPrefix(args[0], layoutPrefix) {
				return a.pushDir(cmd, registry, &flags, args[0], args[1])
			}
			for _, name := range []string{"platform", "epoch", "source", "revision", "modes-from-fs", "exact", "allow"} {
				if cmd.Flags().Changed(name) {
					return usageError{fmt.Errorf("--%s: %s is packed already; push a directory or leave the flag out", name, args[0])}
				}
			}
			src, reference, err := a.source(cmd, args[0])
			if err != nil {
				return err
			}
			root, err := src.Resolve(cmd.Context(), reference)
			if err != nil {
				return err
			}
			opts := skills.TransferOptions{Limits: flags.limits(), Progress: a.progress.report}
			if err := registry.Push(cmd.Context(), src, root.Digest, args[1], opts); err != nil {
				return err
			}
			return a.print(copyJSON{Digest: root.Digest, Reference: args[1]}, root.Digest.String())
		},
	}
	flags.add(cmd)
	cmd.Flags().StringSliceVar(&flags.allow, "allow", nil, "rules whose findings do not stop the push: secret")
	return cmd
}

// pushDir packs a directory straight into the registry.
func (a *app) pushDir(cmd *cobra.Command, registry *skills.Registry, flags *packFlags, dir, ref string) error {
	opts, err := flags.options(a, cmd)
	if err != nil {
		return err
	}
	result, err := registry.PushDir(cmd.Context(), dir, ref, opts)
	if err != nil {
		return packError(dir, err)
	}
	a.printPacked(result)
	out := packed(result)
	out.Reference = ref
	return a.print(out, result.IndexDigest.String())
}

func (a *app) pullCommand() *cobra.Command {
	var limits limitFlags
	var path, tag string
	cmd := &cobra.Command{
		Use:   "pull REF --layout PATH",
		Short: "Pull an artifact into an OCI layout and print its digest",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			registry, err := a.registry(cmd)
			if err != nil {
				return err
			}
			layout, err := ocilayout.Open(path)
			if err != nil {
				return err
			}
			if tag == "" {
				tag = args[0]
			}
			opts := skills.TransferOptions{Tag: tag, Limits: limits.limits(), Progress: a.progress.report}
			dgst, err := registry.Pull(cmd.Context(), layout, args[0], opts)
			if err != nil {
				return err
			}
			return a.print(copyJSON{Digest: dgst, Reference: args[0], Layout: path, Tag: tag}, dgst.String())
		},
	}
	limits.add(cmd)
	cmd.Flags().StringVar(&path, "layout", "", "directory of the OCI layout; it is made if it does not exist")
	cmd.Flags().StringVar(&tag, "tag", "", "tag for the artifact in the layout (default REF)")
	_ = cmd.MarkFlagRequired("layout")
	return cmd
}
