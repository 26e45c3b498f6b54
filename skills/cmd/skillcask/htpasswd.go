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

// readHtpasswd reads a file of "user:hash" lines, as htpasswd -B writes it.
func readHtpasswd(path string) (*passwordChecker, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--htpasswd: %w", err)
	}
	defer file.Close()
	c := &passwordChecker{hashes: map[string][]byte{}, compare: bcrypt.CompareHashAndPassword}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, hash, ok := strings.Cut(line, ":")
		cost, err := bcrypt.Cost([]byte(hash))
		if !ok || user == "" || err != nil {
			return nil, usageError{fmt.Errorf("--htpasswd: %s:%d: want USER:HASH with a bcrypt hash; make it with htpasswd -B", path, number)}
		}
		c.hashes[user], c.cost = []byte(hash), max(c.cost, cost)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("--htpasswd: %s: %w", path, err)
	}
	if len(c.hashes) == 0 {
		return nil, usageError{fmt.Errorf("--htpasswd: %s: there are no users; add one with htpasswd -B", path)}
	}
	return c, nil
}

// passwordChecker remembers what was right, since bcrypt is slow on purpose and
// a client shows its password with each request.
type passwordChecker struct {
	hashes  map[string][]byte
	cost    int      // the highest of all hashes
	right   sync.Map // of sha256 of user, NUL, password
	compare func(hash, password []byte) error
}

// noHash is nobody's. bcrypt compares with it as long as with any of its cost.
func noHash(cost int) []byte {
	return fmt.Appendf(nil, "$2a$%02d$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", cost)
}

// check takes as long for every wrong password, so that time does not show which
// users there are.
func (c *passwordChecker) check(user, password string) bool {
	key := sha256.Sum256([]byte(user + "\x00" + password))
	if _, ok := c.right.Load(key); ok {
		return true
	}
	hash, ok := c.hashes[user]
	if !ok {
		hash = noHash(c.cost)
	}
	if c.compare(hash, []byte(password)) == nil && ok {
		c.right.Store(key, true)
		return true
	}
	// Each cost takes twice as long as the one below it: that of the hash, once
	// more, and all between make up for the difference.
	for cost, _ := bcrypt.Cost(hash); cost < c.cost; cost++ {
		_ = c.compare(noHash(cost), []byte(password))
	}
	return false
}
