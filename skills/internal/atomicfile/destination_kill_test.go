// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || linux

package atomicfile

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const envKillDest = "SKILLS_KILL_DEST"

// TestKillChild is not a test of its own: TestKill starts it in a process and
// kills that.
func TestKillChild(t *testing.T) {
	dest := os.Getenv(envKillDest)
	if dest == "" {
		t.Skip("TestKill starts this")
	}
	which, err := strconv.Atoi(os.Getenv("SKILLS_KILL_SYSTEM"))
	require.NoError(t, err)
	fmt.Println("\nbegin")
	err = systems[which].unpack(t.Context(), dest, true, manyFiles("new"))
	fmt.Println("\nend", err)
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
}

// manyFiles is a version with enough files that writing them takes a while.
func manyFiles(name string) map[string]string {
	files := version(name)
	for i := range 60 {
		files[fmt.Sprintf("many%d/%d", i%10, i)] = name
	}
	return files
}

// TestKill kills a process that unpacks at random moments, SKILLS_KILL_ROUNDS
// times (default 20). What stands at the destination is the old version or the
// new one, and is whole: at once where directories are exchanged, else after the
// next run. Then nothing lies beside it.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds, seed := 20, uint64(time.Now().UnixNano())
	if text := os.Getenv("SKILLS_KILL_ROUNDS"); text != "" {
		var err error
		rounds, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	if text := os.Getenv("SKILLS_KILL_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("SKILLS_KILL_SEED=%d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	outcomes := map[string]int{}
	// How long it takes until the end, of each kind; learnt from the first round.
	took := map[string]time.Duration{}
	for round := range rounds {
		which, replaced := round%len(systems), round/len(systems)%2 == 0
		kind := fmt.Sprintf("%s, replaced %t", systems[which].name, replaced)
		parent := t.TempDir()
		dest := filepath.Join(parent, "out")
		before := map[string]string{}
		if replaced {
			before = manyFiles("old")
			put(t, dest, before)
		} else if systems[which].empty {
			put(t, dest, map[string]string{"./": ""})
		}
		after := time.Hour
		if d, ok := took[kind]; ok {
			after = time.Duration(rnd.Int64N(int64(d) * 5 / 4))
		}
		d := runAndKill(t, which, dest, after)
		if _, ok := took[kind]; !ok {
			took[kind] = d
		}
		outcomes[kind+": "+requireOldOrNew(t, systems[which], dest, before)]++
	}
	t.Log(outcomes)
}

// runAndKill starts a process that unpacks, and kills it so long after its
// begin, or when it is done. It returns how long it lived.
func runAndKill(t *testing.T, which int, dest string, after time.Duration) time.Duration {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
	cmd.Env = append(os.Environ(), envKillDest+"="+dest, fmt.Sprintf("SKILLS_KILL_SYSTEM=%d", which), "GORACE=halt_on_error=1")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && lines.Text() != "begin" {
	}
	begin := time.Now()
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	for lines.Scan() {
		if text := lines.Text(); len(text) > 3 && text[:3] == "end" {
			require.Equal(t, "end <nil>", text)
			break
		}
	}
	lived := time.Since(begin)
	timer.Stop()
	_ = cmd.Process.Kill()
	_, _ = io.Copy(io.Discard, stdout)
	_ = cmd.Wait()
	require.Equal(t, "signal: killed", cmd.ProcessState.String())
	return lived
}

// requireOldOrNew wants at dest what was there before or the new version, and
// returns which.
func requireOldOrNew(t *testing.T, system system, dest string, before map[string]string) string {
	t.Helper()
	parent := filepath.Dir(dest)
	if system.name == "exchange" {
		requireOneOf(t, contents(t, dest), before, manyFiles("new"))
	}
	// The next run that is to dest must not replace it; one beside it succeeds.
	if system.name == "mounted" {
		err := unpackFiles(t.Context(), dest, false, manyFiles("new"))
		if len(before) == 0 && err == nil {
			before = manyFiles("new")
		} else {
			require.ErrorIs(t, err, ErrHoldsSkill)
		}
	} else {
		next := filepath.Join(parent, "next")
		require.NoError(t, unpackFiles(t.Context(), next, false, version("next")))
		require.NoError(t, os.RemoveAll(next))
	}
	got := contents(t, dest)
	requireOneOf(t, got, before, manyFiles("new"))
	require.Equal(t, under("out", got), contents(t, parent), "nothing lies beside")
	if maps.Equal(got, manyFiles("new")) {
		return "new"
	}
	return "old"
}

func requireOneOf(t *testing.T, got map[string]string, want ...map[string]string) {
	t.Helper()
	for _, files := range want {
		if maps.Equal(got, files) {
			return
		}
	}
	require.Equal(t, want[0], got)
}
