// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"cmp"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
)

// access is an action on a repository. To pull from none is to list them all.
type access struct{ repo, action string }

const (
	actionPull   = "pull"
	actionPush   = "push"
	actionDelete = "delete"
)

// needs lists what a call must be allowed to do. One that can't be served does
// nothing, and there may be no scope for what it names.
func (c *call) needs() []access {
	if c.err != nil {
		return nil
	}
	switch c.op {
	case OpPing, OpToken, OpStorageGet, OpUnknown:
		return nil
	case OpBlobDelete, OpManifestDelete:
		return []access{{c.repo, actionDelete}}
	case OpBlobMount:
		need := []access{{c.repo, actionPull}, {c.repo, actionPush}}
		if c.from != "" && c.from != c.repo {
			need = append(need, access{c.from, actionPull})
		}
		return need
	}
	if c.op.writes() || c.op == OpUploadStatus {
		return []access{{c.repo, actionPull}, {c.repo, actionPush}}
	}
	return []access{{c.repo, actionPull}}
}

// authorize refuses a request that lacks the credentials it needs.
func (q *request) authorize() error {
	if q.op == OpStorageGet {
		return q.authorizeStorage()
	}
	a := q.h.opts.Auth
	if a == nil || q.op == OpToken {
		return nil
	}
	var user, failure string
	var err error
	if a.Bearer {
		user, failure, err = q.bearer()
	} else {
		user, err = q.basic()
	}
	if err != nil {
		q.challenge = q.challengeFor(failure)
		return err
	}
	q.user = user
	for _, n := range q.needs() {
		if a.allows(user, n) {
			continue
		}
		if n.repo != q.repo && !a.DenyMounts { // the source of a mount
			q.unreadable = true
			continue
		}
		if user == "" { // who says who they are may be allowed more
			q.challenge = q.challengeFor("")
			return errorf(ErrUnauthorized, "without credentials nobody may %s %s", n.action, n.repo)
		}
		return errorf(ErrDenied, "%q may not %s %s", user, n.action, n.repo)
	}
	return nil
}

// credentials returns those of basic authentication. given is false where there are
// none, not even others: an empty name and password, which some clients send who have
// none, are none.
func credentials(r *http.Request) (user, password string, given bool) {
	user, password, ok := r.BasicAuth()
	empty := ok && user == "" && password == ""
	return user, password, r.Header.Get("Authorization") != "" && !empty
}

// basic returns the user of basic authentication, "" if anonymous. Clients learn from
// /v2/ that there is a password to be sent and whether it is right, so that everyone
// has to have one there.
func (q *request) basic() (string, error) {
	a := q.h.opts.Auth
	user, password, given := credentials(q.r)
	if given {
		if user != "" && a.check(user, password) {
			return user, nil
		}
		return "", errorf(ErrUnauthorized, "unknown user or wrong password")
	}
	if !a.AnonymousPull || q.op == OpPing {
		return "", ErrUnauthorized
	}
	for _, n := range q.needs() {
		if n.action != actionPull {
			return "", errorf(ErrUnauthorized, "only pulling needs no credentials")
		}
	}
	return "", nil
}

// bearer returns the user of a token that covers all that the call needs, or all
// that the user would be given a token for. failure is the error of RFC 6750,
// section 3.1, if a token was there.
func (q *request) bearer() (user, failure string, err error) {
	scheme, token, _ := strings.Cut(q.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", "", ErrUnauthorized
	}
	a := q.h.opts.Auth
	claims, err := q.h.tokens.verify(token, kindAccess, q.h.opts.Now())
	if err == nil && a.Service != "" && claims.Service != a.Service {
		err = errTokenService
	}
	if err != nil {
		return "", "invalid_token", errorf(ErrUnauthorized, "%v", err)
	}
	for _, n := range q.needs() {
		if !claims.covers(n) && (claims.User == "" || a.allows(claims.User, n)) {
			return "", "insufficient_scope", errorf(ErrUnauthorized, "the token does not cover %s of %s", n.action, n.repo)
		}
	}
	q.granted = claims.Access
	return claims.User, "", nil
}

// challengeFor returns the header that says how to authenticate.
func (q *request) challengeFor(failure string) string {
	a := q.h.opts.Auth
	if !a.Bearer {
		return basicChallenge
	}
	value := fmt.Sprintf(`Bearer realm="%s",service="%s"`, q.realm(), cmp.Or(a.Service, q.r.Host))
	if scope := formatScope(q.needs()); scope != "" {
		value += fmt.Sprintf(`,scope="%s"`, scope)
	}
	if failure != "" {
		value += fmt.Sprintf(`,error="%s"`, failure)
	}
	return value
}

// realm is the URL of the token endpoint.
func (q *request) realm() string {
	a := q.h.opts.Auth
	switch {
	case a.Realm != "":
		return a.Realm
	case a.TokenServer != nil:
		return a.TokenServer.URL + tokenPath
	}
	return q.scheme() + "://" + q.r.Host + tokenPath
}

const basicChallenge = `Basic realm="registrytest", charset="UTF-8"`

func (a *Auth) check(user, password string) bool {
	if a.Check != nil {
		return a.Check(user, password)
	}
	want, ok := a.Users[user]
	return ok && subtle.ConstantTimeCompare([]byte(want), []byte(password)) == 1
}

func (a *Auth) allows(user string, n access) bool {
	if user == "" && (!a.AnonymousPull || n.action != actionPull) {
		return false
	}
	return a.Allow == nil || n.repo == "" || a.Allow(user, n.repo, n.action)
}
