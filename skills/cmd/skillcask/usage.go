// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wantsJSON reports whether arguments that could not be parsed ask for JSON.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		name, value, given := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return false
		case name == "--json":
			on, err := strconv.ParseBool(value)
			return !given || on || err != nil
		case name == "--format" && (value == "json" || !given && i+1 < len(args) && args[i+1] == "json"):
			return true
		}
	}
	return false
}

// knownCommand refuses arguments to a command that has only commands below it.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := fmt.Sprintf("%s --help lists what there is", cmd.CommandPath())
	if meant := cmd.SuggestionsFor(args[0]); len(meant) > 0 {
		hint = fmt.Sprintf("did you mean %s?", strings.Join(meant, " or "))
	}
	if !cmd.HasAvailableSubCommands() {
		hint = fmt.Sprintf("%s has no commands", cmd.CommandPath())
	}
	return fmt.Errorf("unknown command %q for %q; %s", args[0], cmd.CommandPath(), hint)
}

// strictArgs makes a command say which argument or flag is missing, by the names
// that its line of usage has.
func strictArgs(cmd *cobra.Command) {
	var names []string
	for _, word := range strings.Fields(cmd.Use)[1:] {
		if strings.HasPrefix(word, "--") {
			break
		}
		names = append(names, word)
	}
	many := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "...")
	check := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if i := slices.Index(args, ""); i >= 0 && len(names) > 0 {
			return fmt.Errorf("%s is empty", names[min(i, len(names)-1)])
		}
		switch {
		case err == nil:
			return checkFlags(cmd)
		case len(args) < len(names):
			verb := "is"
			if len(names)-len(args) > 1 {
				verb = "are"
			}
			return fmt.Errorf("%s %s missing", strings.Join(names[len(args):], " and "), verb)
		case len(args) > len(names) && !many && len(names) == 0:
			return fmt.Errorf("%q is too much: %s takes no arguments", args[0], cmd.CommandPath())
		case len(args) > len(names) && !many:
			return fmt.Errorf("%q is too much: %s takes %s", args[len(names)], cmd.CommandPath(), strings.Join(names, " and "))
		}
		return err
	}
}

// checkFlags looks for flags that must be given, and for texts that are given as
// nothing: that comes of a variable that is not set, and must not pass for
// another value.
func checkFlags(cmd *cobra.Command) (err error) {
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		switch {
		case !flag.Changed && slices.Contains(flag.Annotations[cobra.BashCompOneRequiredFlag], "true"):
			err = fmt.Errorf("--%s is missing", flag.Name)
		case flag.Changed && flag.Value.Type() == "string" && flag.Value.String() == "":
			err = fmt.Errorf("--%s: it is empty; give it a value or leave it out", flag.Name)
		}
	})
	return err
}

// flagError says what is wrong with a flag as the commands do themselves.
func flagError(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var number *strconv.NumError
	var unknown *pflag.NotExistError
	var absent *pflag.ValueRequiredError
	switch {
	case errors.As(err, &value) && errors.As(err, &number) && value.GetFlag().Value.Type() == "bool":
		return fmt.Errorf("--%s %q: want true or false", value.GetFlag().Name, value.GetValue())
	case errors.As(err, &value):
		return fmt.Errorf("--%s %q: %w", value.GetFlag().Name, value.GetValue(), value.Unwrap())
	case errors.As(err, &unknown):
		return fmt.Errorf("%w; %s --help lists the flags", err, cmd.CommandPath())
	case errors.As(err, &absent):
		return fmt.Errorf("--%s: its value is missing", absent.GetFlag().Name)
	}
	return err
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
					err = knownCommand(found, rest)
				}
				return err
			}
		case "completion": // one that can't run is not asked for its arguments
			cmd.Args = knownCommand
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}
