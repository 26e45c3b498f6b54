// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/skillcask/skillcask/registrytest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"skillcask": main})
}

// TestScripts runs the scripts in testdata/script, which read as a terminal
// does. $REGISTRY is a registry, $LOCKED one that wants ann's password
// "secret", $SAMPLES the directory of sample skills.
func TestScripts(t *testing.T) {
	t.Parallel()
	open := httptest.NewServer(registrytest.NewHandler(registrytest.Options{}))
	t.Cleanup(open.Close)
	locked := httptest.NewServer(registrytest.NewHandler(registrytest.Options{
		Auth: &registrytest.Auth{Users: map[string]string{"ann": "secret"}, Bearer: true},
	}))
	t.Cleanup(locked.Close)
	samples, err := filepath.Abs("../../testdata/skills")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		UpdateScripts:      os.Getenv("UPDATE_SCRIPTS") != "",
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REGISTRY", strings.TrimPrefix(open.URL, "http://"))
			env.Setenv("LOCKED", strings.TrimPrefix(locked.URL, "http://"))
			env.Setenv("SAMPLES", samples)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("DOCKER_CONFIG", filepath.Join(env.WorkDir, "docker"))
			return os.Mkdir(filepath.Join(env.WorkDir, "docker"), 0o755)
		},
	})
}
