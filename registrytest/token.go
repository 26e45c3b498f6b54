// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// tokenPath is where tokens are issued, as the distribution project's token
// authentication describes it: by GET with basic authentication, or by POST
// with the grants "password" and "refresh_token" of OAuth 2.
const tokenPath = "/token"

const (
	kindAccess  = "access"
	kindRefresh = "refresh"
)

// claims is what a token says. Tokens are signed with a key that each handler
// makes for itself, so that none has to be remembered.
type claims struct {
	Kind    string
	User    string
	Service string // that it was asked for
	Access  []access
	Expires time.Time
	ID      string // so that no two are equal
}

func (c *claims) covers(n access) bool { return slices.Contains(c.Access, n) }

func (a access) MarshalText() ([]byte, error) { return []byte(a.repo + ":" + a.action), nil }

func (a *access) UnmarshalText(b []byte) error {
	a.repo, a.action, _ = strings.Cut(string(b), ":")
	return nil
}

type tokenIssuer struct {
	key [32]byte
	ttl time.Duration
}

// newTokenIssuer returns whose tokens are valid, or nil where there are none.
func newTokenIssuer(o Options) *tokenIssuer {
	if o.Auth == nil || !o.Auth.Bearer {
		return nil
	}
	if other := o.Auth.TokenServer; other != nil {
		if other.tokens == nil {
			panic("registrytest: Auth.TokenServer issues no tokens: its Auth is not Bearer")
		}
		return other.tokens
	}
	t := &tokenIssuer{ttl: o.Auth.TokenTTL}
	if t.ttl == 0 {
		t.ttl = defaultTokenTTL
	}
	_, _ = rand.Read(t.key[:]) // never fails
	return t
}

func (t *tokenIssuer) sign(payload string) string {
	mac := hmac.New(sha256.New, t.key[:])
	mac.Write([]byte(payload))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (t *tokenIssuer) issue(c claims) string {
	c.ID = grammar.NewUUID()
	b, _ := json.Marshal(c)
	payload := base64.RawURLEncoding.EncodeToString(b)
	return payload + "." + t.sign(payload)
}

var (
	errTokenInvalid = errors.New("the token is not one of this registry")
	errTokenExpired = errors.New("the token has expired")
	errTokenService = errors.New("the token was asked for another service")
)

func (t *tokenIssuer) verify(token, kind string, now time.Time) (*claims, error) {
	payload, signature, ok := strings.Cut(token, ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(t.sign(payload))) {
		return nil, errTokenInvalid
	}
	b, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return nil, errTokenInvalid
	}
	c := new(claims)
	if err := json.Unmarshal(b, c); err != nil || c.Kind != kind {
		return nil, errTokenInvalid
	}
	if !c.Expires.IsZero() && !now.Before(c.Expires) {
		return nil, errTokenExpired
	}
	return c, nil
}

// tokenResponse is the answer to both forms of the request.
type tokenResponse struct {
	Token        string    `json:"token"`
	AccessToken  string    `json:"access_token"`
	ExpiresIn    int       `json:"expires_in"`
	IssuedAt     time.Time `json:"issued_at"`
	Scope        string    `json:"scope,omitempty"`
	RefreshToken string    `json:"refresh_token,omitempty"`
}

// oauthError is the error form of RFC 6749, section 5.2.
type oauthError struct {
	Error string `json:"error"`
}

const maxTokenForm = 64 << 10

// serveToken issues a token for those parts of the scope that the user may use.
func (q *request) serveToken() error {
	h, w, a := q.h, q.w, q.h.opts.Auth
	if h.tokens == nil || a.TokenServer != nil {
		return errNotFound
	}
	if a.NoOAuth && q.r.Method == http.MethodPost {
		return allow(q.r.Method, http.MethodGet)
	}
	user, scopes, offline, err := q.tokenRequest()
	if err != nil {
		status, body := http.StatusBadRequest, oauthError{err.Error()}
		if q.r.Method == http.MethodGet {
			w.Header().Set("Www-Authenticate", basicChallenge)
			return errorf(ErrUnauthorized, "unknown user or wrong password")
		}
		writeJSONStatus(w, status, "application/json", body)
		return nil
	}
	granted := slices.DeleteFunc(parseScopes(scopes), func(n access) bool { return !a.allows(user, n) })
	now := h.opts.Now()
	resp := tokenResponse{
		ExpiresIn: int((h.tokens.ttl + time.Second - 1) / time.Second),
		IssuedAt:  now.UTC(),
		Scope:     formatScope(granted),
	}
	resp.AccessToken = h.tokens.issue(claims{
		Kind: kindAccess, User: user, Service: q.r.FormValue("service"), Access: granted, Expires: now.Add(h.tokens.ttl),
	})
	resp.Token = resp.AccessToken
	if offline && user != "" {
		resp.RefreshToken = h.tokens.issue(claims{Kind: kindRefresh, User: user})
	}
	w.Header().Set("Cache-Control", "no-store")
	if a.TokenFields == nil {
		writeJSON(w, "application/json", resp)
		return nil
	}
	fields, wanted := map[string]any{}, map[string]any{}
	b, _ := json.Marshal(resp)
	_ = json.Unmarshal(b, &fields)
	for _, name := range a.TokenFields {
		if value, ok := fields[name]; ok {
			wanted[name] = value
		}
	}
	writeJSON(w, "application/json", wanted)
	return nil
}

var (
	errInvalidGrant     = errors.New("invalid_grant")
	errInvalidRequest   = errors.New("invalid_request")
	errUnsupportedGrant = errors.New("unsupported_grant_type")
)

// tokenRequest reads who asks for what. Its errors are those of RFC 6749.
func (q *request) tokenRequest() (user string, scopes []string, offline bool, err error) {
	r, a := q.r, q.h.opts.Auth
	if r.Method == http.MethodGet {
		query := r.URL.Query()
		scopes, offline = query["scope"], query.Get("offline_token") == "true"
		name, password, given := credentials(r)
		switch {
		case given && name != "" && a.check(name, password):
			return name, scopes, offline, nil
		case !given && a.AnonymousPull:
			return "", scopes, false, nil
		}
		return "", nil, false, errInvalidGrant
	}
	r.Body = http.MaxBytesReader(q.w, r.Body, maxTokenForm)
	if r.ParseForm() != nil {
		return "", nil, false, errInvalidRequest
	}
	form := r.PostForm
	scopes, offline = form["scope"], form.Get("access_type") == "offline"
	switch form.Get("grant_type") {
	case "password":
		if name := form.Get("username"); name != "" && a.check(name, form.Get("password")) {
			return name, scopes, offline, nil
		}
		return "", nil, false, errInvalidGrant
	case "refresh_token":
		c, err := q.h.tokens.verify(form.Get("refresh_token"), kindRefresh, q.h.opts.Now())
		if err != nil {
			return "", nil, false, errInvalidGrant
		}
		return c.User, scopes, offline, nil
	case "":
		return "", nil, false, errInvalidRequest
	}
	return "", nil, false, errUnsupportedGrant
}

// catalogScope is that of the list of repositories.
const catalogScope = "registry:catalog:*"

// parseScopes reads "repository:<name>:<action>,<action>" and catalogScope, several
// separated by spaces or given several times. Anything else asks for nothing.
func parseScopes(scopes []string) (list []access) {
	for _, scope := range strings.Fields(strings.Join(scopes, " ")) {
		if n := (access{"", actionPull}); scope == catalogScope && !slices.Contains(list, n) {
			list = append(list, n)
		}
		rest, ok := strings.CutPrefix(scope, "repository:")
		i := strings.LastIndex(rest, ":")
		if !ok || i < 0 || checkName(rest[:i]) != nil {
			continue
		}
		for action := range strings.SplitSeq(rest[i+1:], ",") {
			wanted := []string{action}
			if action == "*" {
				wanted = []string{actionPull, actionPush, actionDelete}
			}
			for _, action := range wanted {
				n := access{rest[:i], action}
				known := action == actionPull || action == actionPush || action == actionDelete
				if known && !slices.Contains(list, n) {
					list = append(list, n)
				}
			}
		}
	}
	return list
}

// formatScope is the reverse of parseScopes.
func formatScope(list []access) string {
	var repos []string
	actions := map[string][]string{}
	for _, n := range list {
		if actions[n.repo] == nil {
			repos = append(repos, n.repo)
		}
		actions[n.repo] = append(actions[n.repo], n.action)
	}
	for i, repo := range repos {
		if repos[i] = catalogScope; repo != "" {
			repos[i] = "repository:" + repo + ":" + strings.Join(actions[repo], ",")
		}
	}
	return strings.Join(repos, " ")
}
