// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
)

// packFlags are those of commands that pack a directory.
type packFlags struct {
	limitFlags
	platforms   []string
	epoch       string
	source      string
	revision    string
	modesFromFS bool
	exact       bool
	silence     []string
}

func (f *packFlags) add(cmd *cobra.Command) {
	f.limitFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.platforms, "platform", nil, "OS/ARCH[/VARIANT] to list in the index; repeat it for more (default linux/amd64 and linux/arm64)")
	flags.StringVar(&f.epoch, "epoch", "", "seconds since 1970 that the artifact carries as its time (default SOURCE_DATE_EPOCH, else 0)")
	flags.StringVar(&f.source, "source", "", "URL of the source, for the annotation org.opencontainers.image.source")
	flags.StringVar(&f.revision, "revision", "", "revision of the source, for the annotation org.opencontainers.image.revision")
	flags.StringSliceVar(&f.silence, "silence", nil, "rules whose warnings are left out, separated by commas")
	flags.BoolVar(&f.modesFromFS, "modes-from-fs", false, "take executable bits from the file system, not from the content")
	flags.BoolVar(&f.exact, "exact", false, "pack every file there is, hidden files too, and apply no .skillignore")
}

// options checks the flags of cmd.
func (f *packFlags) options(a *app, cmd *cobra.Command) (skills.PackageOptions, error) {
	opts := skills.PackageOptions{
		Source: f.source, Revision: f.revision, ModesFromFS: f.modesFromFS, ExactFiles: f.exact, Silence: f.silence,
		Limits:   f.limits(),
		Progress: a.progress.report,
	}
	var err error
	if opts.Epoch, err = f.time(cmd); err != nil {
		return opts, err
	}
	for _, s := range f.platforms {
		var platform ocispec.Platform
		if platform, err = skills.ParsePlatform(s); err != nil {
			return opts, usageError{fmt.Errorf("--platform: %w", err)}
		}
		opts.Platforms = append(opts.Platforms, platform)
	}
	return opts, nil
}

func (f *packFlags) time(cmd *cobra.Command) (time.Time, error) {
	// An empty value, as of a variable that is not set, must not mean another time.
	if cmd.Flags().Changed("epoch") {
		epoch, err := reproducible.ParseEpoch(f.epoch)
		if err != nil {
			return epoch, usageError{fmt.Errorf("--epoch: %w", err)}
		}
		return epoch, nil
	}
	return reproducible.Epoch(os.LookupEnv)
}

// tagFlag returns the value of --tag, which must not be given as nothing.
func tagFlag(cmd *cobra.Command, tag string) (string, error) {
	if tag == "" && cmd.Flags().Changed("tag") {
		return "", usageError{errors.New("--tag: the tag is empty; name one or leave the flag out")}
	}
	return tag, nil
}

// limitFlags are those of all commands that read a skill.
type limitFlags struct {
	files int
	bytes int64
}

func (f *limitFlags) add(cmd *cobra.Command) {
	f.files, f.bytes = reproducible.DefaultMaxFiles, reproducible.DefaultMaxBytes
	cmd.Flags().Var(limitFlag[int]{&f.files}, "max-files", "how many files a skill may have")
	cmd.Flags().Var(limitFlag[int64]{&f.bytes}, "max-bytes", "how many bytes its files may have in all")
}

func (f *limitFlags) limits() skills.Limits {
	return skills.Limits{MaxFiles: f.files, MaxBytes: f.bytes}
}

// limitFlag is a number that 0 must not stand for: to the SDK it means the
// default.
type limitFlag[T int | int64] struct{ value *T }

func (f limitFlag[T]) Set(s string) error {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil || n < 1 || int64(T(n)) != n {
		return errors.New("want a whole number of 1 or more")
	}
	*f.value = T(n)
	return nil
}

func (f limitFlag[T]) String() string { return strconv.FormatInt(int64(*f.value), 10) }

func (limitFlag[T]) Type() string { return "int" }

func (a *app) packCommand() *cobra.Command {
	var flags packFlags
	var path, tag string
	cmd := &cobra.Command{
		Use:   "pack DIR --layout PATH",
		Short: "Pack a directory into an OCI layout and print the index digest",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := flags.options(a, cmd)
			if err != nil {
				return err
			}
			if opts.Tag, err = tagFlag(cmd, tag); err != nil {
				return err
			}
			layout, err := skills.OpenLayout(path)
			if err != nil {
				return err
			}
			result, err := skills.NewPackager(layout).Package(cmd.Context(), args[0], opts)
			if err != nil {
				return packError(args[0], err)
			}
			a.tellPacked(result)
			out := packed(result)
			out.Layout, out.Tag = path, tag
			return a.print(out, result.IndexDigest.String())
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&path, "layout", "", "directory of the OCI layout; it is made if it does not exist")
	cmd.Flags().StringVar(&tag, "tag", "", "tag for the artifact in the layout")
	_ = cmd.MarkFlagRequired("layout")
	return cmd
}

// packError tells faults of the flags from those of the directory dir, and what
// to do about more findings than one.
func packError(dir string, err error) error {
	var invalid *skills.InvalidError
	switch {
	case errors.Is(err, skills.ErrInvalidPlatform):
		return usageError{fmt.Errorf("--platform: %w", err)}
	case errors.Is(err, skills.ErrUnknownRule):
		return usageError{err}
	case errors.As(err, &invalid) && len(invalid.Diagnostics) > 1:
		return fmt.Errorf("%w; to see all: skillcask validate %s", err, shellWord(dir))
	}
	return err
}

// shellWord quotes a word for the shell if it has to be.
func shellWord(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+,:@%"+string(filepath.Separator), r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// packed returns what --json prints of result.
func packed(result *skills.PackageResult) packJSON {
	return packJSON{
		Digest:    result.IndexDigest,
		Name:      result.Config.Name,
		Version:   result.Config.Version,
		Manifest:  result.ManifestDigest,
		Config:    result.ConfigDigest,
		Layer:     result.LayerDigest,
		Platforms: platformStrings(result.Platforms),
		Dropped:   orEmpty(result.Dropped),
		Warnings:  orEmpty(result.Warnings),
	}
}
