// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// hints name the flag that mends an error. A package, whose message it is, knows
// of no flags.
var hints = []struct {
	flag string // left out if the message names it
	fits func(cmd *cobra.Command, err error) bool
	says string
}{
	{"--plain-http=false", wantsTLS, "--plain-http=false does that"},
	{"--plain-http", speaksNoTLS, "--plain-http does that"},
	{"--force", isSkillInTheWay, "--force does that"},
	{"--max-files", func(_ *cobra.Command, err error) bool {
		return errors.Is(err, skills.ErrTooManyFiles) || errors.Is(err, reproducible.ErrTooManyFiles) || breaks(err, "file-count")
	}, "--max-files allows more"},
	{"--max-bytes", func(_ *cobra.Command, err error) bool {
		return errors.Is(err, reproducible.ErrTooLarge) || breaks(err, "skill-size")
	}, "--max-bytes allows more"},
	{"--rules", func(_ *cobra.Command, err error) bool {
		return errors.Is(err, skilldir.ErrUnknownRule)
	}, "skillcask validate --rules lists all"},
}

// message returns the text of an error for people.
func message(cmd *cobra.Command, err error) string {
	text := oneLine(err)
	for _, hint := range hints {
		if hint.fits(cmd, err) && !strings.Contains(text, hint.flag) && !strings.HasSuffix(text, "?") {
			text += "; " + hint.says
		}
	}
	return text
}

// wantsTLS reports whether a server that wants TLS was asked without: it answers
// so, in words of its own.
func wantsTLS(_ *cobra.Command, err error) bool {
	var response *errcode.ErrorResponse
	return errors.As(err, &response) && response.StatusCode == http.StatusBadRequest && len(response.Errors) == 0 &&
		response.URL != nil && response.URL.Scheme == "http"
}

func speaksNoTLS(_ *cobra.Command, err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, new(tls.RecordHeaderError))
}

// isSkillInTheWay reports whether what stands at the destination is what --force
// is for.
func isSkillInTheWay(cmd *cobra.Command, err error) bool {
	if !errors.Is(err, skills.ErrDestinationExists) || cmd.Flags().Lookup("force") == nil || cmd.Flags().Changed("force") {
		return false
	}
	info, err := os.Lstat(filepath.Join(cmd.Flags().Arg(1), skills.SkillFileName))
	return err == nil && info.Mode().IsRegular()
}

// breaks reports whether a skill directory breaks a rule first of all.
func breaks(err error, rule string) bool {
	var invalid *skilldir.InvalidError
	return errors.As(err, &invalid) && invalid.Diagnostics[0].Rule == rule
}
