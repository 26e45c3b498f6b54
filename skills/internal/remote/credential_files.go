// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"

	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
)

// maxLoginFileBytes bounds the files that logins are read from.
const maxLoginFileBytes = 4 << 20

// loginFile is a config.json of Docker or an auth.json of Podman
// (containers-auth.json(5)). The store of oras-go reads the former only, and
// takes any key that begins with a host for that host.
type loginFile struct {
	name    string
	auths   map[string]loginEntry // by loginFileKey
	helpers map[string]string     // for hosts, likewise
	helper  string                // for all other hosts
}

// loginEntry is a login as the file has it.
type loginEntry struct {
	key   string
	value json.RawMessage
}

// readLoginFile returns nil without an error if there is no such file.
func readLoginFile(name string) (*loginFile, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, atomicfile.WithoutPath(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxLoginFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, atomicfile.WithoutPath(err))
	}
	if len(data) > maxLoginFileBytes {
		return nil, fmt.Errorf("%s: it has more than %d bytes", name, maxLoginFileBytes)
	}
	var content struct {
		Auths       map[string]json.RawMessage `json:"auths"`
		CredHelpers map[string]string          `json:"credHelpers"`
		CredsStore  string                     `json:"credsStore"`
	}
	if len(bytes.TrimSpace(data)) > 0 { // it may have been made and not filled
		err := json.Unmarshal(data, &content)
		var mistyped *json.UnmarshalTypeError
		if errors.As(err, &mistyped) {
			err = fmt.Errorf("%q is a JSON %s", mistyped.Field, mistyped.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: it is not the JSON that it should be: %w", name, err)
		}
	}
	f := &loginFile{name: name, auths: map[string]loginEntry{}, helpers: map[string]string{}, helper: content.CredsStore}
	for _, key := range slices.Sorted(maps.Keys(content.Auths)) {
		// Of two keys for the same that written in the one way counts.
		short := loginFileKey(key)
		if _, ok := f.auths[short]; !ok || short == key {
			f.auths[short] = loginEntry{key, content.Auths[key]}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(content.CredHelpers)) {
		short := loginFileKey(key)
		if _, ok := f.helpers[short]; !ok || short == key {
			f.helpers[short] = content.CredHelpers[key]
		}
	}
	return f, nil
}

// loginFileKey writes a key of a file as HOST or HOST/NAMESPACE. Old keys are
// URLs or end with the version of the API, and mean the host.
func loginFileKey(key string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
	host, rest, _ := strings.Cut(name, "/")
	host = loginHost(host)
	if name != key || rest == "v1/" || rest == "v2/" {
		return host
	}
	if rest = strings.Trim(rest, "/"); rest == "" {
		return host
	}
	return host + "/" + rest
}

// lookUp returns the credential that the file itself has for exactly that key,
// and where it is. No error has any part of it.
func (f *loginFile) lookUp(key string) (auth.Credential, string, error) {
	entry, ok := f.auths[key]
	if !ok {
		return auth.EmptyCredential, "", nil
	}
	var fields struct {
		Auth          string
		Username      string
		Password      string
		IdentityToken string
		RegistryToken string
	}
	if err := json.Unmarshal(entry.value, &fields); err != nil {
		return auth.EmptyCredential, "", fmt.Errorf("%s: the login for %s is not the JSON that it should be", f.name, entry.key)
	}
	credential := auth.Credential{
		Username:     fields.Username,
		Password:     fields.Password,
		RefreshToken: fields.IdentityToken,
		AccessToken:  fields.RegistryToken,
	}
	if fields.Auth != "" {
		decoded, err := base64.StdEncoding.DecodeString(fields.Auth)
		user, password, ok := strings.Cut(string(decoded), ":")
		if err != nil || !ok {
			return auth.EmptyCredential, "", fmt.Errorf("%s: the login for %s is not USER:PASSWORD in base64", f.name, entry.key)
		}
		credential.Username, credential.Password = user, strings.TrimRight(password, "\x00")
	}
	return credential, f.name, nil
}
