// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Command skillcask packs agent skills into OCI artifacts, pushes, pulls,
// unpacks, inspects, verifies and checks them. It is a thin face over package skills.
//
// Exit status: 0 done; 1 refused, differs or failed; 2 wrong usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/skills"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// errDiffers ends the command with status 1 after its result was printed.
var errDiffers = errors.New("differs")

// run is main with its surroundings as arguments. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process the hard way.
	context.AfterFunc(ctx, stop)

	app := &app{stdout: stdout, stderr: stderr}
	root := app.rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	app.progress.clear()
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDiffers):
		return 1
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "skillcask: interrupted; nothing was left half written")
		return 1
	}
	fmt.Fprintf(stderr, "skillcask: %s\n", oneLine(err))
	if !app.started {
		fmt.Fprintf(stderr, "usage: %s\n", cmd.UseLine())
		return 2
	}
	if errors.As(err, new(usageError)) || errors.Is(err, skills.ErrInvalidReference) || errors.Is(err, skills.ErrLayoutInSkill) {
		return 2
	}
	return 1
}

// usageError is an error in what was asked that only a command itself finds.
type usageError struct{ error }

// oneLine returns the message of err in one line.
func oneLine(err error) string {
	return safe(strings.NewReplacer("\n", " ", "\t", " ").Replace(err.Error()))
}

// app is what all commands share.
type app struct {
	stdout, stderr io.Writer
	progress       progress
	started        bool // arguments and flags were right

	json      bool
	quiet     bool
	verbose   bool
	plainHTTP bool
}

func (a *app) rootCommand() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "skillcask",
		Short: "Seal agent skills into OCI artifacts that anyone can rebuild",
		Long: `Seal agent skills into OCI artifacts that anyone can rebuild.

A skill is a directory with a SKILL.md. SRC is one of
  HOST[:PORT]/REPOSITORY:TAG or …@DIGEST   an artifact in a registry
  oci:PATH:TAG or oci:PATH@DIGEST          an artifact in an OCI layout`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return a.printVersion()
			}
			return cmd.Help()
		},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.Flags().BoolVar(&version, "version", false, "print the version of skillcask and the number of the format that it writes")
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print the result as JSON")
	flags.BoolVar(&a.plainHTTP, "plain-http", false, "speak HTTP without TLS to registries; by default to loopback addresses only")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print no warnings and no progress")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "also tell what was left out")
	root.AddCommand(a.packCommand(), a.validateCommand(), a.pushCommand(), a.pullCommand(), a.unpackCommand(), a.inspectCommand(), a.verifyCommand(), a.checkCommand(), a.serveCommand())
	for _, cmd := range root.Commands() {
		run := cmd.RunE
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.started = true
			a.progress.start(a.stderr, a.quiet || a.json)
			return run(cmd, args)
		}
	}
	strictTopics(root)
	return root
}

// strictTopics makes help and completion refuse what they do not know. Cobra's
// own print what they know and end as if that had been asked for.
func strictTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err == nil && len(rest) > 0 {
					err = fmt.Errorf("unknown command %q for %q", rest[0], found.CommandPath())
				}
				return err
			}
		case "completion": // one that can't run is not asked for its arguments
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}
