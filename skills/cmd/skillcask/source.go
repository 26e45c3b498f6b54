// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/spf13/cobra"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// layoutPrefix begins a SRC that is in an OCI layout.
const layoutPrefix = "oci:"

// parseLayout splits oci:PATH:TAG and oci:PATH@DIGEST. As in skopeo, the first
// colon after PATH's drive letter, if it has one, ends PATH.
func parseLayout(src string) (path, reference string, err error) {
	rest := strings.TrimPrefix(src, layoutPrefix)
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		if digest.Digest(rest[at+1:]).Validate() == nil {
			// A tag may be a whole reference with a digest: oci:PATH:HOST/REPO@DIGEST.
			if volume := filepath.VolumeName(rest); !strings.Contains(rest[len(volume):at], ":") {
				path, reference = rest[:at], rest[at+1:]
			}
		}
	}
	if reference == "" {
		volume := filepath.VolumeName(rest)
		path, reference, _ = strings.Cut(rest[len(volume):], ":")
		path = volume + path
		if before, algorithm, ok := strings.Cut(path, "@"); ok && digest.Algorithm(algorithm).Available() && !isLayout(path) {
			return "", "", usageError{fmt.Errorf("%q: %q is no digest; want oci:%s@sha256: and 64 hexadecimal digits",
				src, algorithm+":"+reference, before)}
		}
	}
	if path == "" || reference == "" {
		return "", "", usageError{fmt.Errorf("%q: want oci:PATH:TAG or oci:PATH@DIGEST", src)}
	}
	return path, reference, nil
}

// registry returns the client that the flags ask for.
func (a *app) registry(cmd *cobra.Command) (*skills.Registry, error) {
	var opts []skills.RegistryOption
	if cmd.Flags().Changed("plain-http") {
		opts = append(opts, skills.WithPlainHTTP(a.plainHTTP))
	}
	return skills.NewRegistry(opts...)
}

// source returns the store that SRC is in and the reference there.
func (a *app) source(cmd *cobra.Command, src string) (oras.ReadOnlyTarget, string, error) {
	if strings.HasPrefix(src, layoutPrefix) {
		path, reference, err := parseLayout(src)
		if err != nil {
			return nil, "", err
		}
		layout, err := ocilayout.Open(path)
		return layout, reference, err
	}
	if isLayout(src) {
		return nil, "", layoutError(src)
	}
	if info, err := os.Stat(src); err == nil && info.IsDir() {
		return nil, "", usageError{fmt.Errorf("%s is a directory; name an artifact: HOST/REPOSITORY:TAG or oci:PATH:TAG", src)}
	}
	registry, err := a.registry(cmd)
	if err != nil {
		return nil, "", err
	}
	repository, reference, err := registry.Repository(src)
	if errors.Is(err, skills.ErrInvalidReference) && strings.HasSuffix(err.Error(), "…@DIGEST") {
		err = fmt.Errorf("%w, or oci:PATH:TAG", err)
	}
	return repository, reference, err
}

// isLayout reports whether dir is an OCI layout.
func isLayout(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ocispec.ImageLayoutFile))
	return err == nil
}

// layoutError says how to name an artifact in the layout dir.
func layoutError(dir string) error {
	return usageError{fmt.Errorf("%s is an OCI layout; name an artifact in it by oci:%s:TAG", dir, dir)}
}
