// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo shows the main job of skillcask from end to end: it starts a
// registry in its own process and runs the skillcask program against it, as a
// person at a terminal would.
//
//	demo SKILLCASK DIR
//
// SKILLCASK is the program, DIR a skill directory. Nothing remains afterwards.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/skillcask/skillcask/registrytest"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: demo SKILLCASK DIR")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, program, dir string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "skillcask-demo-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	server, err := registrytest.NewServer(registrytest.Options{})
	if err != nil {
		return err
	}
	defer server.Close()
	host := server.Host()

	d := demo{program: program, work: work, out: out}
	fmt.Fprintf(out, "A registry listens on %s. The skill is %s.\n", host, dir)

	// The directory may have any name; the last segment of the repository is
	// the skill's.
	var skill struct{ Name, Digest string }
	text := d.step("Pack the directory into an OCI layout:", "pack", dir, "--layout", "layout", "--tag", "1.0", "--json")
	if d.err != nil {
		return d.err
	}
	if err := json.Unmarshal([]byte(text), &skill); err != nil {
		return fmt.Errorf("skillcask pack --json: %w", err)
	}
	ref := host + "/demo/" + skill.Name + ":1.0"
	unpacked := filepath.Join("unpacked", skill.Name)

	packed := skill.Digest
	pushed := d.digest("Push the same directory to the registry:", "push", dir, ref)
	pulled := d.digest("Pull it into another layout:", "pull", ref, "--layout", "pulled")
	d.step("Tell what it is:", "inspect", "--files", ref)
	d.step("Prove that the artifact was made from the directory:", "verify", ref, dir)
	d.step("Unpack what was pulled:", "unpack", "oci:pulled:"+ref, unpacked)
	again := d.digest("Pack what was unpacked:", "pack", unpacked, "--layout", "layout", "--tag", "again")
	if d.err != nil {
		return d.err
	}

	fmt.Fprintln(out)
	digests := []struct{ step, digest string }{
		{"packed", packed}, {"pushed", pushed}, {"pulled", pulled}, {"packed again", again},
	}
	for _, got := range digests {
		fmt.Fprintf(out, "%-14s %s\n", got.step, got.digest)
		if got.digest != packed || packed == "" {
			return errors.New("the digests differ")
		}
	}
	fmt.Fprintln(out, "All digests agree.")
	return nil
}

// demo runs commands until one fails.
type demo struct {
	program, work string
	out           io.Writer
	err           error
}

// step runs the program in the work directory and shows what a terminal would.
func (d *demo) step(title string, args ...string) string {
	if d.err != nil {
		return ""
	}
	fmt.Fprintf(d.out, "\n%s\n$ skillcask %s\n", title, strings.Join(args, " "))
	var out bytes.Buffer
	cmd := exec.Command(d.program, args...)
	cmd.Dir = d.work
	cmd.Stdout = &out
	cmd.Stderr = d.out
	if err := cmd.Run(); err != nil {
		d.err = fmt.Errorf("skillcask %s: %w", args[0], err)
	}
	text := out.String()
	if lines := strings.SplitAfter(text, "\n"); len(lines) > 40 {
		text = strings.Join(lines[:36], "") + fmt.Sprintf("  … and %d lines more\n", len(lines)-37)
	}
	fmt.Fprint(d.out, text)
	return out.String()
}

// digest is step for a command that prints a digest alone.
func (d *demo) digest(title string, args ...string) string {
	return strings.TrimSpace(d.step(title, args...))
}
