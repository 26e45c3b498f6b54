// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// object is JSON that another program, or nobody's, may have written.
type object map[string]any

// foreignLayout writes a layout by hand that lists the artifact of one
// platform, or what edit makes of its manifest and configuration, as "x". It
// returns the SRC that names it.
func foreignLayout(t *testing.T, edit func(manifest, config object)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "layout")
	blobs := filepath.Join(path, "blobs", "sha256")
	require.NoError(t, os.MkdirAll(blobs, 0o755))
	put := func(mediaType string, data []byte) object {
		dgst := digest.FromBytes(data)
		require.NoError(t, os.WriteFile(filepath.Join(blobs, dgst.Encoded()), data, 0o644))
		return object{"mediaType": mediaType, "digest": dgst, "size": len(data)}
	}
	text := func(v object) []byte {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		return data
	}
	const skill = "---\nname: demo\ndescription: Shows things. Use it in tests.\n---\nDo.\n"
	var archive, layer bytes.Buffer
	tw := tar.NewWriter(&archive)
	require.NoError(t, tw.WriteHeader(&tar.Header{Name: "SKILL.md", Mode: 0o644, Size: int64(len(skill))}))
	_, err := tw.Write([]byte(skill))
	require.NoError(t, err)
	require.NoError(t, tw.Close())
	zw := gzip.NewWriter(&layer)
	_, err = zw.Write(archive.Bytes())
	require.NoError(t, err)
	require.NoError(t, zw.Close())

	config := object{
		"os": "linux", "architecture": "amd64",
		"config": object{"Labels": object{
			"dev.toolhive.skills.name":         "demo",
			"dev.toolhive.skills.description":  "Shows things. Use it in tests.",
			"dev.toolhive.skills.version":      "",
			"dev.toolhive.skills.license":      "",
			"dev.toolhive.skills.allowedTools": "null",
			"dev.toolhive.skills.files":        `["SKILL.md"]`,
		}},
		"rootfs": object{"type": "layers", "diff_ids": []any{digest.FromBytes(archive.Bytes())}},
	}
	manifest := object{
		"schemaVersion": 2,
		"mediaType":     "application/vnd.oci.image.manifest.v1+json",
		"layers":        []any{put("application/vnd.oci.image.layer.v1.tar+gzip", layer.Bytes())},
	}
	edit(manifest, config)
	if manifest["config"] == nil {
		manifest["config"] = put("application/vnd.oci.image.config.v1+json", text(config))
	}
	root := put("application/vnd.oci.image.manifest.v1+json", text(manifest))
	root["annotations"] = object{"org.opencontainers.image.ref.name": "x"}
	require.NoError(t, os.WriteFile(filepath.Join(path, "oci-layout"), text(object{"imageLayoutVersion": "1.0.0"}), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(path, "index.json"), text(object{"schemaVersion": 2, "manifests": []any{root}}), 0o644))
	return "oci:" + path + ":x"
}

// runCommand runs the command in this process.
func runCommand(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

// TestInspectOfWhatToolHiveWrites has lists, never null, for what is absent.
func TestInspectOfWhatToolHiveWrites(t *testing.T) {
	t.Parallel()
	src := foreignLayout(t, func(object, object) {})
	status, stdout, stderr := runCommand("inspect", "--files", "--json", src)
	require.Zero(t, status, stderr)
	var got struct {
		Skill    object
		Files    []any
		Requires []any
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	require.Equal(t, object{"name": "demo", "description": "Shows things. Use it in tests.", "files": []any{"SKILL.md"}}, got.Skill)
	require.Len(t, got.Files, 1)
	require.NotContains(t, stdout, "null")
}

// TestHostileArtifactsOnTheCommandLine has one line for each, which names the
// artifact; package skills tests the whole list.
func TestHostileArtifactsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	skill := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(skill, "SKILL.md"), []byte("---\nname: demo\ndescription: x\n---\n"), 0o644))
	for name, c := range map[string]struct {
		edit func(manifest, config object)
		says string
	}{
		"no rootfs":           {func(_, config object) { delete(config, "rootfs") }, "corrupt artifact: its configuration has 0 diff IDs"},
		"rootfs of a string":  {func(_, config object) { config["rootfs"] = "x" }, "not a skill artifact: json: "},
		"layers of a number":  {func(manifest, _ object) { manifest["layers"] = 1 }, "not a skill artifact: it has 1 where a list of descriptors should be"},
		"layers with null":    {func(manifest, _ object) { manifest["layers"] = []any{nil} }, `not a skill artifact: its layer has media type ""`},
		"size of a fraction":  {func(manifest, _ object) { manifest["layers"].([]any)[0].(object)["size"] = 1.5 }, "not a skill artifact: json: "},
		"size below zero":     {func(manifest, _ object) { manifest["layers"].([]any)[0].(object)["size"] = -1 }, "has the size -1"},
		"configuration null":  {func(manifest, _ object) { manifest["config"] = object{} }, `its configuration has media type ""`},
		"type in two lines":   {func(manifest, _ object) { manifest["artifactType"] = "a\nskillcask: \x1b[2J" }, `its artifactType is "a\nskillcask: \x1b[2J"`},
		"labels of no string": {func(_, config object) { config["config"] = object{"Labels": object{"a": 1}} }, "not a skill artifact: json: "},
		"no list of files": {func(_, config object) {
			delete(config["config"].(object)["Labels"].(object), "dev.toolhive.skills.files")
		}, `the layer holds "SKILL.md", label dev.toolhive.skills.files does not list it`},
		"name that leads out": {func(_, config object) {
			config["config"].(object)["Labels"].(object)["dev.toolhive.skills.name"] = "../../.claude/commands/x"
		}, `label dev.toolhive.skills.name: the name "../../.claude/commands/x" holds the character '.'`},
		"label of no list": {func(_, config object) {
			config["config"] = object{"Labels": object{"dev.toolhive.skills.name": "demo", "dev.toolhive.skills.files": `{"a":1}`}}
		}, "label dev.toolhive.skills.files"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := foreignLayout(t, c.edit)
			dest := filepath.Join(t.TempDir(), "dest")
			for _, args := range [][]string{{"inspect", "--files", src}, {"inspect", "--files", "--json", src}, {"verify", src, skill}, {"unpack", src, dest}} {
				status, stdout, stderr := runCommand(args...)
				require.Equal(t, statusNo, status)
				if slices.Contains(args, "--json") {
					var failure errorJSON
					require.NoError(t, json.Unmarshal([]byte(stdout), &failure))
					require.Contains(t, []string{"not-skill", "corrupt"}, failure.Error.Kind)
				} else {
					require.Empty(t, stdout)
				}
				require.Regexp(t, `^skillcask: .*\n$`, stderr) // one line: "." is no line's end
				require.Contains(t, stderr, c.says)
				require.Contains(t, stderr, `"x" in OCI layout `+strings.TrimSuffix(strings.TrimPrefix(src, "oci:"), ":x"))
			}
			require.NoDirExists(t, dest)
		})
	}
}

// TestVerifyOfANewerFormat says to get a newer skillcask.
func TestVerifyOfANewerFormat(t *testing.T) {
	t.Parallel()
	skill := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(skill, "SKILL.md"), []byte("---\nname: demo\ndescription: x\n---\n"), 0o644))
	src := foreignLayout(t, func(manifest, _ object) { manifest["annotations"] = object{"dev.skillcask.format": "2\n3"} })
	status, stdout, stderr := runCommand("verify", src, skill)
	require.Equal(t, statusUnknown, status)
	require.Empty(t, stdout)
	require.Regexp(t, `^skillcask: "x" in OCI layout .*layout: unknown format "2\\n3": this skillcask knows format 1; verify with a newer one\n$`, stderr)
}
