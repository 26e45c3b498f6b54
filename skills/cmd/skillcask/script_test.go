// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestScripts runs the scripts in testdata/script, which read as a terminal
// does, with the command as go build makes it. "status N skillcask ..." expects
// that exit status. $REGISTRY is a
// registry, $LOCKED one that wants ann's password "secret", $TLS one that speaks
// TLS with a certificate in $TLS_CERT, $READONLY one that takes no pushes, $SLOW
// one that takes 8 MB a second, $SAMPLES the directory of sample skills.
// What the commands say on standard error is held to rules; see record.
func TestScripts(t *testing.T) {
	t.Parallel()
	serve := func(options registrytest.Options) *registrytest.Server {
		options.RecordLimit = -1
		return registrytest.New(t, options)
	}
	open := serve(registrytest.Options{})
	locked := serve(registrytest.Options{Auth: &registrytest.Auth{Users: map[string]string{"ann": "secret"}, Bearer: true}})
	readOnly := serve(registrytest.Options{ReadOnly: true})
	slow := serve(registrytest.Options{Bandwidth: 8_000_000})
	secure := serve(registrytest.Options{TLS: true})
	certificate := filepath.Join(t.TempDir(), "certificate.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	require.NoError(t, os.WriteFile(certificate, data, 0o644))
	samples, err := filepath.Abs("../../testdata/skills")
	require.NoError(t, err)
	var ran record
	t.Cleanup(func() { ran.check(t) }) // once the scripts, which are parallel, have ended
	racing := filepath.Dir(buildRace(t))
	testscript.Run(t, testscript.Params{
		UpdateScripts:      os.Getenv("UPDATE_SCRIPTS") != "",
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"skillcask": ran.command,
			"status":    ran.status,
		},
		Condition: func(name string) (bool, error) {
			if name == "root" { // reads everything
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("REGISTRY", open.Host())
			env.Setenv("LOCKED", locked.Host())
			env.Setenv("READONLY", readOnly.Host())
			env.Setenv("SLOW", slow.Host())
			env.Setenv("TLS", secure.Host())
			env.Setenv("TLS_CERT", certificate)
			env.Setenv("SAMPLES", samples)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", "atexit_sleep_ms=10 "+os.Getenv("GORACE"))
			env.Setenv("DOCKER_CONFIG", filepath.Join(env.WorkDir, "docker"))
			env.Setenv("PATH", racing+string(filepath.ListSeparator)+env.Getenv("PATH"))
			return os.Mkdir(filepath.Join(env.WorkDir, "docker"), 0o755)
		},
	})
}
