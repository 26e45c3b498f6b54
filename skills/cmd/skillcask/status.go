// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// The exit statuses. A signal ends the process as it does one without a handler,
// which a shell shows as 128 and the signal's number.
const (
	statusDone    = 0 // and the answer is yes
	statusNo      = 1 // the answer is no
	statusUsage   = 2 // what was asked is wrong
	statusUnknown = 3 // the answer could not be found out
	statusSignal  = 128
)

// statusError ends the command with that status after its result was printed.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// errDiffers says that the result that was printed is a no.
var errDiffers error = statusError(statusNo)

// usageError is an error in what was asked that only a command itself finds.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// kind is what --json calls a reason to fail, and what follows from it.
type kind struct {
	name   string
	status int
	about  string // for help
	is     func(err error) bool
}

// kinds are all of them, for the exit status, --json and help alike. The first
// that fits an error is its kind: what kept the answer from being found out
// comes before what the answer would be.
var kinds = []kind{
	{"usage", statusUsage, "arguments, flags or SOURCE_DATE_EPOCH are wrong",
		anyOf(skills.ErrInvalidPlatform, skilldir.ErrUnknownRule, skilldir.ErrUnknownProfile, skills.ErrLayoutInSkill, skills.ErrInvalidDestination, reproducible.ErrEpoch)},
	{"reference", statusUsage, "a reference or a tag is malformed", anyOf(skills.ErrInvalidReference, errdef.ErrInvalidReference)},

	{"unauthorized", statusUnknown, "the registry refuses the credentials, or wants some", anyOf(skills.ErrUnauthorized)},
	{"unavailable", statusUnknown, "the registry can't be reached or can't answer now", anyOf(skills.ErrUnavailable)},
	{"interrupted", statusUnknown, "a transfer broke off or stalled", anyOf(skills.ErrInterrupted)},
	{"not-layout", statusUnknown, "a directory is no OCI layout, or one of another version", anyOf(ocilayout.ErrNotLayout)},
	{"layout-full", statusUnknown, "the index of an OCI layout takes no more", anyOf(ocilayout.ErrFull)},
	{"unknown-format", statusUnknown, "an artifact has a newer format than this program knows", anyOf(skills.ErrUnknownFormat)},
	{"not-found", statusUnknown, "an artifact, a directory or a file is not there", anyOf(errdef.ErrNotFound, fs.ErrNotExist)},
	{"permission", statusUnknown, "the system does not permit it", anyOf(fs.ErrPermission)},
	{"unreadable", statusUnknown, "a file can't be read, or changes meanwhile", unreadable},

	{"corrupt", statusNo, "an artifact contradicts itself", anyOf(skills.ErrCorrupt)},
	{"not-skill", statusNo, "an artifact is not a skill", anyOf(skills.ErrNotSkill)},
	{"too-large", statusNo, "a skill exceeds a limit", anyOf(skills.ErrTooManyFiles, skills.ErrSkillTooLarge)},
	{"invalid", statusNo, "a skill breaks a rule that packing holds to",
		anyOf(skills.ErrSkillMDMissing, skills.ErrInvalidFrontmatter, skills.ErrInvalidSkillFile, skills.ErrInvalidSkillDir, skilldir.ErrSecret)},
	{"exists", statusNo, "the destination is in use", anyOf(skills.ErrDestinationExists)},
	{"drift", statusNo, "this program can't write the format's bytes", anyOf(skills.ErrFormatDrift)},

	{"other", statusUnknown, "anything else: the disk, a refusal of the registry", func(error) bool { return true }},
}

func anyOf(sentinels ...error) func(error) bool {
	return func(err error) bool {
		for _, sentinel := range sentinels {
			if errors.Is(err, sentinel) {
				return true
			}
		}
		return false
	}
}

// kindOf returns the kind of an error. started says that arguments and flags
// could be parsed.
func kindOf(err error, started bool) kind {
	if !started || errors.As(err, new(usageError)) {
		return kinds[0]
	}
	for _, k := range kinds {
		if k.is(err) {
			return k
		}
	}
	panic("unreachable: the last kind fits all")
}

// unreadable reports whether all that is wrong with a directory is that it, or
// something in it, could not be looked at.
func unreadable(err error) bool {
	var invalid *skilldir.InvalidError
	if !errors.As(err, &invalid) {
		system := errors.As(err, new(syscall.Errno))
		return system && anyOf(skills.ErrInvalidSkillDir, skills.ErrInvalidSkillFile)(err) || errors.Is(err, reproducible.ErrFileChanged)
	}
	for _, d := range invalid.Diagnostics {
		if !notSeen("", d) {
			return false
		}
	}
	return true
}

// notSeen reports whether a finding about the skill in dir says only that
// something could not be looked at.
func notSeen(dir string, d skilldir.Diagnostic) bool {
	switch d.Rule {
	case "file-unreadable", "file-changed":
		return true
	case "skill-directory": // it may be seen not to be a directory
		info, err := os.Stat(dir)
		return err != nil || info.IsDir()
	}
	return false
}

// The shape of an error with --json. Fields are added, never changed or removed.
type (
	errorJSON struct {
		Error failureJSON `json:"error"`
	}
	failureJSON struct {
		Message string `json:"message"`
		Kind    string `json:"kind"`   // one of kinds, or "signal"
		Status  int    `json:"status"` // of the process
	}
)

// end reports how a command ended and returns the exit status.
func (a *app) end(ctx context.Context, cmd *cobra.Command, args []string, err error) int {
	a.progress.clear()
	var printed statusError
	var signal signalError
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &printed):
		return int(printed)
	case errors.As(context.Cause(ctx), &signal) && errors.Is(err, context.Canceled):
		a.fail(args, failureJSON{"interrupted; nothing was left half written", "signal", signal.status()})
		return signal.status()
	}
	k := kindOf(err, a.started)
	a.fail(args, failureJSON{message(cmd, err), k.name, k.status})
	if !a.started {
		fmt.Fprintf(a.stderr, "usage: %s\n", cmd.UseLine())
	}
	return k.status
}

// fail prints an error for people, and with --json for programs too.
func (a *app) fail(args []string, failure failureJSON) {
	fmt.Fprintf(a.stderr, "skillcask: %s\n", safe(failure.Message))
	if a.json || !a.started && wantsJSON(args) {
		_ = a.printJSON(errorJSON{failure}) // if it can't be printed, the status says enough
	}
}

// oneLine returns the message of err in one line.
func oneLine(err error) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(err.Error())
}

// statusHelp is what help says about the exit status.
const statusHelp = `Exit status:
  0  done, and the answer is yes
  1  the answer is no: refused, invalid, differs
  2  wrong usage
  3  it could not be found out: network, credentials, disk, permission, not there
A signal ends the process as it does others: a shell sees 130 after Ctrl-C.`

// statusTopic is a topic of help, not a command.
func statusTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString(statusHelp + `

With --json every outcome is JSON on standard output. An error is
  {"error": {"message": …, "kind": …, "status": …}}
where status is that of the process, 128 and its number for a signal, and kind
is one of:

`)
	byStatus := func(a, b kind) int { return cmp.Compare(a.status, b.status) }
	for _, k := range slices.SortedStableFunc(slices.Values(kinds), byStatus) {
		fmt.Fprintf(&b, "  %d  %-15s %s\n", k.status, k.name, k.about)
	}
	b.WriteString("     signal          the process was interrupted")
	return &cobra.Command{Use: "exit-status", Short: "What the exit status and errors in JSON say", Long: b.String()}
}
