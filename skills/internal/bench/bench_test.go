// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package bench measures the command as a whole process: beside ToolHive's
// packager, and by the size of the skill. It is a module of its own so that
// nobody else depends on ToolHive.
package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	toolhive "github.com/stacklok/toolhive-core/oci/skills"
)

// peerEnv makes this program pack the directory it names by ToolHive's
// packager, print the size of the layer, and end.
const peerEnv = "SKILLCASK_BENCH_PEER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(peerEnv); dir != "" {
		if err := packByToolHive(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func packByToolHive(dir string) error {
	root, err := os.MkdirTemp("", "skillcask-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	store, err := toolhive.NewStore(root)
	if err != nil {
		return err
	}
	ctx := context.Background()
	result, err := toolhive.NewPackager(store).Package(ctx, dir, toolhive.PackageOptions{Epoch: time.Unix(0, 0).UTC()})
	if err != nil {
		return err
	}
	layer, err := store.GetBlob(ctx, result.LayerDigest)
	fmt.Println(len(layer))
	return err
}

// usage is what one process took.
type usage struct {
	seconds float64
	peak    float64 // resident memory in MiB
	out     string
}

// measure runs a command to its end.
func measure(b *testing.B, env string, command ...string) usage {
	b.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v: %s", command, err, stderr.Bytes())
	}
	took := time.Since(start).Seconds()
	kilobytes := float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	if runtime.GOOS == "darwin" {
		kilobytes /= 1024 // there it is in bytes
	}
	return usage{took, kilobytes / 1024, strings.TrimSpace(stdout.String())}
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// build returns the command, built from the tree that this file is in.
func build(b *testing.B) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), "skillcask")
	cmd := exec.Command("go", "build", "-o", out, "./skills/cmd/skillcask")
	cmd.Dir = filepath.Join("..", "..", "..")
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, text)
	}
	return out
}

// corpus writes a skill of size bytes in 900 files: the Go source of the Go
// tree, as often as it takes. This process stays small, since the peak of its
// memory counts for the processes that it starts.
func corpus(b *testing.B, size int64) string {
	b.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.Fatal(err)
	}
	source := &endless{}
	err = filepath.WalkDir(filepath.Join(strings.TrimSpace(string(root)), "src"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Ext(path) == ".go" {
			source.files = append(source.files, path)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(b.TempDir(), "bench")
	write(b, filepath.Join(dir, "SKILL.md"), strings.NewReader("---\nname: bench\ndescription: Go source as reference files. Use it to measure.\n---\n"))
	const files = 900
	for i := range int64(files) {
		write(b, filepath.Join(dir, "references", fmt.Sprintf("%03d.txt", i)), io.LimitReader(source, (i+1)*size/files-i*size/files))
	}
	return dir
}

// endless reads files one after the other, over and over.
type endless struct {
	files []string
	next  int
	file  *os.File
}

func (e *endless) Read(p []byte) (int, error) {
	for {
		if e.file == nil {
			var err error
			if e.file, err = os.Open(e.files[e.next%len(e.files)]); err != nil {
				return 0, err
			}
			e.next++
		}
		n, err := e.file.Read(p)
		if n > 0 || err != io.EOF {
			return n, err
		}
		e.file.Close()
		e.file = nil
	}
}

func write(b *testing.B, name string, content io.Reader) {
	b.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	var file *os.File
	if err == nil {
		file, err = os.Create(name)
	}
	if err == nil {
		_, err = io.Copy(file, content)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
}

// pack packs dir into a layout that is new and returns what it took and the
// size of the layer in bytes.
func pack(b *testing.B, command, dir string) (usage, float64) {
	b.Helper()
	layout := filepath.Join(b.TempDir(), "layout")
	defer os.RemoveAll(layout)
	took := measure(b, "SOURCE_DATE_EPOCH=0", command, "pack", dir, "--layout", layout, "--max-bytes", "2000000000", "--quiet")
	largest := int64(0)
	blobs, err := filepath.Glob(filepath.Join(layout, "blobs", "sha256", "*"))
	for _, name := range blobs {
		var info fs.FileInfo
		if info, err = os.Stat(name); err == nil {
			largest = max(largest, info.Size())
		}
	}
	if err != nil || largest == 0 {
		b.Fatal(layout, "holds no layer", err)
	}
	return took, float64(largest)
}

// BenchmarkAgainstToolHive packs 90 MB with both, in turn. Each iteration is a
// pair; the figures are medians.
func BenchmarkAgainstToolHive(b *testing.B) {
	command, dir := build(b), corpus(b, 90_000_000)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var theirs, ours, speedUp, theirPeak, ourPeak, ratio []float64
	for b.Loop() {
		peer := measure(b, peerEnv+"="+dir, self)
		var layer float64
		if _, err := fmt.Sscan(peer.out, &layer); err != nil {
			b.Fatal(err)
		}
		own, size := pack(b, command, dir)
		theirs, ours, speedUp = append(theirs, peer.seconds), append(ours, own.seconds), append(speedUp, peer.seconds/own.seconds)
		theirPeak, ourPeak, ratio = append(theirPeak, peer.peak), append(ourPeak, own.peak), append(ratio, size/layer)
	}
	b.Logf("speed-up of each pair: %.1f", speedUp)
	b.ReportMetric(0, "ns/op") // that of a pair means nothing
	b.ReportMetric(median(theirs), "toolhive-s")
	b.ReportMetric(median(ours), "skillcask-s")
	b.ReportMetric(median(speedUp), "speed-up")
	b.ReportMetric(median(theirPeak), "toolhive-MiB")
	b.ReportMetric(median(ourPeak), "skillcask-MiB")
	b.ReportMetric(median(ratio), "layer-ratio")
}

// BenchmarkSize packs skills of growing size. Time is to grow no faster than
// the size, and memory not at all.
func BenchmarkSize(b *testing.B) {
	command := build(b)
	for _, megabytes := range []int{90, 300, 900} {
		b.Run(fmt.Sprintf("%dMB", megabytes), func(b *testing.B) {
			dir := corpus(b, int64(megabytes)*1_000_000)
			var seconds, peak []float64
			for b.Loop() {
				own, _ := pack(b, command, dir)
				seconds, peak = append(seconds, own.seconds), append(peak, own.peak)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(seconds), "s")
			b.ReportMetric(median(seconds)/float64(megabytes)*100, "s/100MB")
			b.ReportMetric(slices.Max(peak), "peak-MiB")
		})
	}
}

// BenchmarkSmall packs a skill of 2 KB, and runs the program true in turn.
func BenchmarkSmall(b *testing.B) {
	command, dir := build(b), filepath.Join(b.TempDir(), "small")
	write(b, filepath.Join(dir, "SKILL.md"), strings.NewReader("---\nname: small\ndescription: Two KB of text. Use it to measure.\n---\n"+
		strings.Repeat("All work and no play makes a dull skill.\n", 48)))
	var more []float64
	for b.Loop() {
		nothing := measure(b, "", "true")
		own, _ := pack(b, command, dir)
		more = append(more, 1000*(own.seconds-nothing.seconds))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(more), "ms-over-true")
}
