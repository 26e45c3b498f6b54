// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Command skillcask packs agent skills into OCI artifacts, pushes, pulls,
// unpacks, inspects, verifies and checks them. It is a thin face over package skills.
//
// Exit status: 0 done, and the answer is yes; 1 the answer is no (refused,
// invalid, differs); 2 wrong usage; 3 the answer could not be found out (network,
// credentials, disk, permission, not there). SIGINT, SIGTERM and SIGHUP end the
// process as they do one that does not catch them, once nothing is left half
// written; serve ends with 0 then. With --json errors are JSON too:
//
//	{"error": {"message": "…", "kind": "unauthorized", "status": 3}}
//
// "skillcask help exit-status" lists the kinds. They and their statuses are in status.go.
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := untilSignal(context.Background())
	app := &app{stdout: os.Stdout, stderr: os.Stderr}
	status := app.run(ctx, os.Args[1:])
	// Even if all was done: who interrupts a loop wants no further round of it.
	var caught signalError
	if errors.As(context.Cause(ctx), &caught) && !app.serves {
		endBy(caught)
	}
	stop()
	os.Exit(status)
}

// run is main with its surroundings as arguments and without signals. It returns
// the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	app := &app{stdout: stdout, stderr: stderr}
	return app.run(context.Background(), args)
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	return a.end(ctx, cmd, args, err)
}

// app is what all commands share.
type app struct {
	stdout, stderr io.Writer
	progress       progress
	started        bool // arguments and flags were right
	serves         bool // until a signal comes

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
  oci:PATH:TAG or oci:PATH@DIGEST          an artifact in an OCI layout

` + statusHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
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
		strictArgs(cmd)
		run := cmd.RunE
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.started = true
			a.progress.start(a.stderr, a.quiet || a.json)
			return run(cmd, args)
		}
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(statusTopic())
	strictTopics(root)
	return root
}
