// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote/auth"
)

// maxSessions bounds the repositories whose tokens are kept.
const maxSessions = 1000

// session is what a client keeps for one repository: its tokens, and which login
// they are from. The tokens of a host's repositories are kept apart, since each
// may have a login of its own and a cache knows hosts only.
type session struct {
	named      string // the host, as references have it
	host       string // as requests have it
	repository string
	lookup     func(ctx context.Context, host, repository string) (auth.Credential, error)
	cache      auth.Cache

	mu    sync.Mutex
	tried *login // nil: no credential was asked for
}

// sessions are those of one client.
type sessions struct {
	mu   sync.Mutex
	byID map[string]*session
}

// of returns the session of the repository that ref is in.
func (s *sessions) of(ref registry.Reference, lookup func(ctx context.Context, host, repository string) (auth.Credential, error)) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := ref.Registry + "/" + ref.Repository
	if found := s.byID[id]; found != nil {
		return found
	}
	if s.byID == nil || len(s.byID) == maxSessions {
		s.byID = map[string]*session{}
	}
	made := &session{named: ref.Registry, host: ref.Host(), repository: ref.Repository, lookup: lookup, cache: auth.NewCache()}
	s.byID[id] = made
	return made
}

// credential is an [auth.CredentialFunc]. No host but the session's gets one.
func (s *session) credential(ctx context.Context, host string) (auth.Credential, error) {
	if host != s.host {
		return auth.EmptyCredential, nil
	}
	tried := new(login)
	credential, err := s.lookup(context.WithValue(ctx, loginKey{}, tried), s.named, s.repository)
	if tried.credential != credential { // that of another lookup, around the default or in its place
		tried.source = ""
	}
	tried.credential = credential
	tried.err = err
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = tried
	return credential, err
}

// unauthorized is the error of an answer with that status, 401 or 403, which may say why.
// It names the login that was used, or where one was looked for.
func (s *session) unauthorized(status int, answer string, cause error) error {
	s.mu.Lock()
	tried := s.tried
	s.mu.Unlock()
	if tried == nil {
		tried = new(login)
	}
	found := tried.credential != auth.EmptyCredential
	var text string
	switch {
	case tried.err != nil:
		text = fmt.Sprintf("%s wants a login", s.named)
		answer = tried.err.Error()
	case found && status == http.StatusForbidden:
		text = fmt.Sprintf("%s denies this to %s", s.named, tried.name())
	case found:
		text = fmt.Sprintf("%s refused %s", s.named, tried.name())
	case status == http.StatusForbidden:
		text = fmt.Sprintf("%s denies this to those without a login", s.named)
	default:
		text = fmt.Sprintf("%s wants a login", s.named)
	}
	if answer != "" {
		text += ": " + answer
	}
	if !found && tried.err == nil {
		text += fmt.Sprintf("; no login for %s was found", s.named)
		if len(tried.places) > 0 {
			text += " in " + list(tried.places, "or")
		}
	}
	for _, fault := range tried.faults {
		text += fmt.Sprintf("; passed over: %v", fault)
	}
	text += fmt.Sprintf("; log in to %s", s.named)
	if len(tried.places) > 0 {
		text += " with docker login or podman login"
	}
	return newRegistryError(cause, text, ErrUnauthorized)
}

// name says whose login it is and where it is from, and nothing secret.
func (l *login) name() string {
	text := "the login of " + l.credential.Username
	if l.credential.Username == "" {
		text = "the token"
	}
	if l.source != "" {
		text += " from " + l.source
	}
	return text
}

// list writes "a, b or c".
func list(words []string, last string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
	}
	return strings.Join(words, "")
}
