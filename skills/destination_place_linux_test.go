// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// again runs a test once more in a process with attributes of its own, and
// reports whether this is that process.
func again(t *testing.T, attributes *syscall.SysProcAttr) bool {
	t.Helper()
	const env = "SKILLS_TEST_AGAIN"
	if os.Getenv(env) == t.Name() {
		return true
	}
	// t.TempDir is in a directory that others can't enter.
	tmp, err := os.MkdirTemp("", "skillcask-again-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(tmp) })
	require.NoError(t, os.Chmod(tmp, 0o777))
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = tmp
	cmd.Env = append(os.Environ(), env+"="+t.Name(), "TMPDIR="+tmp)
	cmd.SysProcAttr = attributes
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Skip("no such process can be started here:", err)
	}
	err = cmd.Wait()
	require.NoError(t, err, "%s", &out)
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.Contains(line, "--- SKIP") || strings.Contains(line, " here: ") {
			t.Log(line)
		}
	}
	if !strings.Contains(out.String(), "--- PASS: "+t.Name()+" (") {
		t.Skip("skipped there")
	}
	return false
}

// requireSkill wants dest to hold the small skill, and nothing else.
func requireSkill(t *testing.T, dest string) {
	t.Helper()
	got := listTree(t, dest)
	require.Len(t, got, len(smallSkill()))
	for name := range smallSkill() {
		require.Contains(t, got, name)
	}
}

// fillAndReplace unpacks into an empty directory and then replaces that.
func fillAndReplace(t *testing.T, layout *ocilayout.Store, dest string) {
	t.Helper()
	ctx := context.Background()
	_, err := skills.Unpack(ctx, layout, "1", dest, skills.UnpackOptions{})
	require.NoError(t, err)
	requireSkill(t, dest)
	require.NoError(t, os.WriteFile(filepath.Join(dest, "more"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dest, "references", "more"), nil, 0o644))
	_, err = skills.Unpack(ctx, layout, "1", dest, skills.UnpackOptions{})
	require.ErrorIs(t, err, skills.ErrHoldsSkill)
	_, err = skills.Unpack(ctx, layout, "1", dest, skills.UnpackOptions{Force: true})
	require.NoError(t, err)
	requireSkill(t, dest)
	entries := names(t, dest)
	require.Equal(t, []string{"SKILL.md", "references", "scripts"}, entries)
}

// TestUnpackBelowAParentThatIsNotOurs unpacks into an empty directory whose
// parent takes no new entries, as every init container with a volume does.
func TestUnpackBelowAParentThatIsNotOurs(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 && !again(t, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}) {
		return
	}
	parent := filepath.Join(t.TempDir(), "parent")
	dest := filepath.Join(parent, "out")
	require.NoError(t, os.MkdirAll(dest, 0o755))
	require.NoError(t, os.Chmod(parent, 0o555))
	t.Cleanup(func() { _ = os.Chmod(parent, 0o755) })
	require.ErrorIs(t, os.Mkdir(filepath.Join(parent, "x"), 0o755), os.ErrPermission)
	layout := packLayout(t, t.TempDir())
	fillAndReplace(t, layout, dest)

	_, err := skills.Unpack(context.Background(), layout, "1", filepath.Join(parent, "new"), skills.UnpackOptions{})
	require.ErrorIs(t, err, os.ErrPermission)
	require.NotContains(t, err.Error(), "skillcask-unpack", "the name of a directory that is not there helps nobody")
}

// unprivileged is set if who mounts is root in a user namespace only.
const unprivileged = "SKILLS_TEST_UNPRIVILEGED"

// TestUnpackWhereSomethingIsMounted unpacks into file systems, and into what can
// only be renamed entry by entry.
func TestUnpackWhereSomethingIsMounted(t *testing.T) {
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		t.Setenv(unprivileged, "true")
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	if !again(t, attributes) {
		return
	}
	_ = syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, "")
	mount := func(t *testing.T, source, target, kind string, flags uintptr, data string) {
		require.NoError(t, os.MkdirAll(target, 0o755))
		if err := syscall.Mount(source, target, kind, flags, data); err != nil {
			t.Skipf("%s can't be mounted here: %v", kind, err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(target, syscall.MNT_DETACH) })
	}
	work := t.TempDir()
	layout := packLayout(t, filepath.Join(work, "L"))
	probe := filepath.Join(work, "probe")
	require.NoError(t, os.Mkdir(probe, 0o755))
	if err := syscall.Mount("tmpfs", probe, "tmpfs", 0, ""); err != nil {
		t.Skip("nothing can be mounted here:", err)
	}
	require.NoError(t, syscall.Unmount(probe, 0))

	t.Run("a file system", func(t *testing.T) {
		dest := filepath.Join(work, "tmpfs", "out")
		mount(t, "tmpfs", dest, "tmpfs", 0, "")
		fillAndReplace(t, layout, dest)
		require.Equal(t, []string{"out"}, names(t, filepath.Dir(dest)))
	})
	t.Run("a directory of the same file system", func(t *testing.T) {
		dest, other := filepath.Join(work, "bind", "out"), filepath.Join(work, "other")
		require.NoError(t, os.Mkdir(other, 0o755))
		mount(t, other, dest, "bind", syscall.MS_BIND, "")
		fillAndReplace(t, layout, dest)
		requireSkill(t, other)
		require.Equal(t, []string{"out"}, names(t, filepath.Dir(dest)))
	})
	t.Run("below a read-only file system", func(t *testing.T) {
		parent := filepath.Join(work, "ro")
		mount(t, "tmpfs", parent, "tmpfs", 0, "")
		dest := filepath.Join(parent, "out")
		mount(t, "tmpfs", dest, "tmpfs", 0, "")
		require.NoError(t, syscall.Mount("", parent, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
		fillAndReplace(t, layout, dest)
	})
	t.Run("in what is to be replaced", func(t *testing.T) {
		dest := filepath.Join(work, "nested", "out")
		require.NoError(t, os.MkdirAll(dest, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dest, "SKILL.md"), []byte("old"), 0o644))
		volume := filepath.Join(dest, "data", "volume")
		mount(t, "tmpfs", volume, "tmpfs", 0, "")
		require.NoError(t, os.WriteFile(filepath.Join(volume, "mine"), []byte("mine"), 0o644))
		before := listTree(t, dest)
		_, err := skills.Unpack(context.Background(), layout, "1", dest, skills.UnpackOptions{Force: true})
		require.ErrorIs(t, err, skills.ErrDestinationExists)
		require.ErrorContains(t, err, volume)
		require.Equal(t, before, listTree(t, dest), "to replace it would be to empty the volume")
	})
	t.Run("a directory of a lower layer", func(t *testing.T) {
		// An overlay can't lie on every file system; on a tmpfs it can.
		base := filepath.Join(work, "overlay")
		mount(t, "tmpfs", base, "tmpfs", 0, "")
		for _, dir := range []string{"lower/out/references", "upper", "work", "merged"} {
			require.NoError(t, os.MkdirAll(filepath.Join(base, dir), 0o755))
		}
		for _, name := range []string{"SKILL.md", "references/old"} {
			require.NoError(t, os.WriteFile(filepath.Join(base, "lower/out", name), []byte("old"), 0o644))
		}
		merged := filepath.Join(base, "merged")
		options := "lowerdir=" + base + "/lower,upperdir=" + base + "/upper,workdir=" + base + "/work"
		if os.Getenv(unprivileged) != "" {
			options += ",userxattr" // or no directory can be renamed in it
		}
		if err := syscall.Mount("overlay", merged, "overlay", 0, options); err != nil {
			t.Skip("no overlay here:", err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(merged, syscall.MNT_DETACH) })
		dest := filepath.Join(merged, "out")
		_, err := skills.Unpack(context.Background(), layout, "1", dest, skills.UnpackOptions{Force: true})
		require.NoError(t, err)
		require.Equal(t, []string{"SKILL.md", "references", "scripts"}, names(t, dest))
		requireSkill(t, dest)
		require.Equal(t, []string{"out"}, names(t, merged))
		fillOver := filepath.Join(merged, "new")
		_, err = skills.Unpack(context.Background(), layout, "1", fillOver, skills.UnpackOptions{})
		require.NoError(t, err)
		_, err = skills.Unpack(context.Background(), layout, "1", fillOver, skills.UnpackOptions{Force: true})
		require.NoError(t, err)
		requireSkill(t, fillOver)
	})
}
