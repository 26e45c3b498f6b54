// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// programs is the directory of the programs that the tests build.
var programs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if os.Getenv("GORACE") == "" { // a program with the race detector sleeps for a second before it ends
			_ = os.Setenv("GORACE", "atexit_sleep_ms=10")
		}
		var err error
		if programs, err = os.MkdirTemp("", "skillcask-programs-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(programs)
		return m.Run()
	}())
}

// build returns the command as it is released, built once.
func build(t *testing.T) string {
	t.Helper()
	program, err := plain()
	require.NoError(t, err)
	return program
}

// buildRace returns the command with the race detector if the tests have it.
func buildRace(t *testing.T) string {
	t.Helper()
	if !testkit.RaceEnabled {
		return build(t)
	}
	program, err := race()
	require.NoError(t, err)
	return program
}

var (
	plain = sync.OnceValues(func() (string, error) { return goBuild("plain") })
	race  = sync.OnceValues(func() (string, error) { return goBuild("race", "-race") })
)

func goBuild(name string, flags ...string) (string, error) {
	program := filepath.Join(programs, name, "skillcask")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	args := append([]string{"build", "-buildvcs=false", "-o", program}, flags...)
	if testing.CoverMode() != "" {
		args = append(args, "-cover", "-covermode", testing.CoverMode())
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}
