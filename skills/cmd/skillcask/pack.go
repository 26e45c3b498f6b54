// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
	"github.com/skillcask/skillcask/skills/skilldir"
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
	allow       []string // of push alone
}

func (f *packFlags) add(cmd *cobra.Command) {
	f.limitFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.platforms, "platform", nil, "OS/ARCH[/VARIANT] to list in the index; more separated by commas, or the flag again (default linux/amd64,linux/arm64)")
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
		Source: f.source, Revision: f.revision, ModesFromFS: f.modesFromFS, ExactFiles: f.exact, Silence: f.silence, Allow: f.allow,
		Limits:   f.limits(),
		Progress: a.progress.report,
	}
	for name, text := range map[string]string{"source": f.source, "revision": f.revision} {
		if !utf8.ValidString(text) {
			return opts, usageError{fmt.Errorf("--%s %q: it is not UTF-8", name, text)}
		}
	}
	var err error
	if opts.Epoch, err = f.time(cmd); err != nil {
		return opts, err
	}
	if len(f.platforms) == 0 && cmd.Flags().Changed("platform") {
		return opts, usageError{errors.New("--platform: it is empty; name one or leave the flag out")}
	}
	for _, s := range f.platforms {
		var platform ocispec.Platform
		if platform, err = skills.ParsePlatform(strings.TrimSpace(s)); err != nil {
			return opts, usageError{fmt.Errorf("--platform: %w", err)}
		}
		opts.Platforms = append(opts.Platforms, platform)
	}
	return opts, nil
}

func (f *packFlags) time(cmd *cobra.Command) (time.Time, error) {
	if cmd.Flags().Changed("epoch") {
		epoch, err := reproducible.ParseEpoch(f.epoch)
		if err != nil {
			return epoch, usageError{fmt.Errorf("--epoch: %w", err)}
		}
		return epoch, nil
	}
	return reproducible.Epoch(os.LookupEnv)
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
			opts.Tag = tag
			layout, err := ocilayout.Open(path)
			if err != nil {
				return err
			}
			result, err := skills.NewPackager(layout).Package(cmd.Context(), args[0], opts)
			if err != nil {
				return packError(args[0], err)
			}
			a.printPacked(result)
			if result.Replaced != "" {
				a.printf("%s moved from %s to %s", safe(tag), result.Replaced, result.IndexDigest)
			}
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

// packError separates faults of the flags from those of the directory dir, and what
// to do about more findings than one.
func packError(dir string, err error) error {
	var invalid *skilldir.InvalidError
	switch {
	case errors.Is(err, skills.ErrInvalidPlatform):
		return usageError{fmt.Errorf("--platform: %w", err)}
	case errors.Is(err, skilldir.ErrUnknownRule):
		return usageError{err}
	case errors.Is(err, skilldir.ErrSecret) && onlySecrets(err):
		err = fmt.Errorf("%w; if it is none: --allow secret", err)
	}
	if errors.As(err, &invalid) && len(invalid.Diagnostics) > 1 {
		err = fmt.Errorf("%w; to see all: skillcask validate %s", err, shellWord(dir))
	}
	return err
}

// onlySecrets reports whether nothing but secrets stops a push.
func onlySecrets(err error) bool {
	var invalid *skilldir.InvalidError
	return errors.As(err, &invalid) && !slices.ContainsFunc(invalid.Diagnostics, func(d skilldir.Diagnostic) bool { return d.Rule != "secret" })
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
		MovedFrom: result.Replaced,
		Name:      result.Config.Name,
		Version:   result.Config.Version,
		Manifest:  result.ManifestDigest,
		Config:    result.ConfigDigest,
		Layer:     result.LayerDigest,
		Platforms: platformStrings(result.Platforms),
		Dropped:   orEmpty(result.Excluded),
		Warnings:  orEmpty(result.Warnings),
	}
}
