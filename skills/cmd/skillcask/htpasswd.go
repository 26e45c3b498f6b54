// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// readHtpasswd reads a file of "user:hash" lines, as htpasswd -B writes it, and
// returns a function that tells whether a password is right.
func readHtpasswd(path string) (func(user, password string) bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--htpasswd: %w", err)
	}
	defer file.Close()
	hashes := map[string][]byte{}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, hash, ok := strings.Cut(line, ":")
		if _, err := bcrypt.Cost([]byte(hash)); !ok || user == "" || err != nil {
			return nil, fmt.Errorf("--htpasswd: %s:%d: want USER:HASH with a bcrypt hash; make it with htpasswd -B", path, number)
		}
		hashes[user] = []byte(hash)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("--htpasswd: %s: %w", path, err)
	}
	if len(hashes) == 0 {
		return nil, fmt.Errorf("--htpasswd: %s: there are no users; add one with htpasswd -B", path)
	}
	c := &passwordChecker{hashes: hashes}
	return c.check, nil
}

// passwordChecker remembers what was right, since bcrypt is slow on purpose and
// a client shows its password with each request.
type passwordChecker struct {
	hashes map[string][]byte
	right  sync.Map // of sha256 of user, NUL, password
}

// noHash takes as long as a real one, so that time does not tell which users
// there are.
var noHash = []byte("$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy")

func (c *passwordChecker) check(user, password string) bool {
	key := sha256.Sum256([]byte(user + "\x00" + password))
	if _, ok := c.right.Load(key); ok {
		return true
	}
	hash, ok := c.hashes[user]
	if !ok {
		hash = noHash
	}
	if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil || !ok {
		return false
	}
	c.right.Store(key, true)
	return true
}
