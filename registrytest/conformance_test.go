// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// conformanceSuite is the official suite. It is no dependency of the module:
// the test builds it from the module proxy.
const conformanceSuite = "github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111"

// everySwitch turns on what the suite leaves out by default.
var everySwitch = []string{
	"OCI_VERSION=dev",
	"OCI_API_BLOBS_UPLOAD_CANCEL=true",
	"OCI_API_BLOBS_DIGEST_HEADER=true",
	"OCI_API_MANIFESTS_DIGEST_HEADER=true",
	"OCI_API_MANIFESTS_TAG_PARAM=true",
	"OCI_DATA_SPARSE=true",
}

// TestConformance runs the official suite, if REGISTRYTEST_CONFORMANCE is set:
// it needs the module proxy, or a module cache that has the suite.
func TestConformance(t *testing.T) {
	if os.Getenv("REGISTRYTEST_CONFORMANCE") == "" {
		t.Skip("REGISTRYTEST_CONFORMANCE is not set")
	}
	bin := t.TempDir()
	install := exec.Command("go", "install", conformanceSuite)
	install.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	out, err := install.CombinedOutput()
	require.NoError(t, err, "%s", out)
	suite := filepath.Join(bin, "conformance")

	stores := map[string]func(t *testing.T) registrytest.Store{
		"memory": func(*testing.T) registrytest.Store { return registrytest.NewMemory() },
		"layout": openLayout,
	}
	options := map[string]registrytest.Options{
		"open": {},
		"bearer-tls": {
			TLS:  true,
			Auth: &registrytest.Auth{Bearer: true, Users: map[string]string{"user": "pass"}},
		},
	}
	for storeName, open := range stores {
		for optionsName, opts := range options {
			for _, switches := range []string{"defaults", "every-switch"} {
				t.Run(storeName+"/"+optionsName+"/"+switches, func(t *testing.T) {
					opts := opts
					opts.Store, opts.CheckStore, opts.RecordLimit = open(t), true, 20
					runConformance(t, suite, registrytest.New(t, opts), switches == "every-switch")
				})
			}
		}
	}
}

var countExp = regexp.MustCompile(`(?m)^ +(Disabled|Skip|Pass|FAIL|Error|Total)\.*: +(\d+)$`)

func runConformance(t *testing.T, suite string, srv *registrytest.Server, all bool) {
	cmd := exec.Command(suite)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "OCI_REGISTRY="+srv.Host(), "OCI_TLS=disabled", "OCI_LOG=error",
		"OCI_REPO1=conformance/repo1", "OCI_REPO2=conformance/repo2", "OCI_RESULTS_DIR="+cmd.Dir)
	if cert := srv.Certificate(); cert != nil {
		file := filepath.Join(cmd.Dir, "cert.pem")
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
		require.NoError(t, os.WriteFile(file, block, 0o600))
		cmd.Env = append(cmd.Env, "OCI_TLS=enabled", "SSL_CERT_FILE="+file, "OCI_USERNAME=user", "OCI_PASSWORD=pass")
	}
	if all {
		cmd.Env = append(cmd.Env, everySwitch...)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &stderr)

	counts := map[string]string{}
	line := []string{}
	for _, m := range countExp.FindAllStringSubmatch(string(out), -1) {
		counts[m[1]] = m[2]
		line = append(line, m[1]+" "+m[2])
	}
	t.Log(strings.Join(line, ", "))
	require.NotEqual(t, "0", counts["Pass"])
	bad := []string{"FAIL", "Error", "Skip"}
	if all {
		bad = append(bad, "Disabled")
	}
	for _, status := range bad {
		if !assertZero(t, counts, status) {
			t.Logf("%s", out)
		}
	}
}

func assertZero(t *testing.T, counts map[string]string, status string) bool {
	t.Helper()
	if counts[status] != "0" {
		t.Errorf("the suite counts %s %q", status, counts[status])
		return false
	}
	return true
}
