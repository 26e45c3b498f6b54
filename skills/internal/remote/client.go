// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// maxAnswerBytes bounds how much of an error's body is read.
const maxAnswerBytes = 8 << 10

// client sends the requests for one repository. What does not come back as it
// should becomes an error here, below oras-go, so that it wraps this package's
// sentinels wherever it comes out.
type client struct {
	remote.Client // with authentication and retries
	session       *session
	pause         func(ctx context.Context, attempt int) error // nil: the usual
}

// Do implements [remote.Client].
func (c client) Do(request *http.Request) (*http.Response, error) {
	if err := makeRepeatable(request); err != nil {
		return nil, err
	}
	ctx := request.Context()
	response, err := c.Client.Do(request)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	if err := c.judge(ctx, response); err != nil {
		response.Body.Close()
		return nil, err
	}
	body := &answerBody{ReadCloser: response.Body, ctx: ctx, host: response.Request.URL.Host}
	if size, ok := oci.ExpectedSize(ctx); ok && endsWithConnection(response) {
		body.expected = size
	}
	response.Body = body
	return response, nil
}

// failed says what the error of a request is about that got no answer.
func (c client) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, oci.ErrCorrupt) {
		return err
	}
	var known *registryError
	if errors.As(err, &known) {
		return known
	}
	var answer *errcode.ErrorResponse
	var request *url.Error
	switch {
	case errors.As(err, &answer): // of the server that gives tokens
		if overloaded(answer.StatusCode) {
			return unavailable(answer)
		}
		return c.session.unauthorized(answer.StatusCode, wordsOf(answer), answer)
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		return c.session.unauthorized(http.StatusUnauthorized, "", err)
	case errors.As(err, &request) && request.Timeout():
		return interrupted(c.session.host, request.Err)
	case errors.As(err, &request) && errors.Is(err, io.EOF):
		return interrupted(c.session.host, request.Err)
	case errors.As(err, &request): // such as too many redirects
		return newRegistryError(err, plainText(request), ErrUnavailable)
	}
	// The rest is about authentication: to look the login up, or to use it.
	inner := err
	for errors.Unwrap(inner) != nil {
		inner = errors.Unwrap(inner)
	}
	return c.session.unauthorized(http.StatusUnauthorized, inner.Error(), err)
}

// overloaded reports whether a status says that an answer can't be given now.
func overloaded(status int) bool {
	return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

func unavailable(answer *errcode.ErrorResponse) error {
	advice := "try again later"
	if answer.StatusCode == http.StatusNotImplemented { // as a server of files answers a POST
		advice = "check the host and the port, and whether a registry runs there"
	}
	return newRegistryError(answer, fmt.Sprintf("%s answered %s; %s", answer.URL.Host, answerText(answer), advice), ErrUnavailable)
}

// judge returns an error for an answer that is none, or contradicts what was
// asked for. All other errors are oras-go's to make.
func (c client) judge(ctx context.Context, response *http.Response) error {
	request := response.Request
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		answer := readAnswer(response)
		if host := request.URL.Host; host != c.session.host { // no login goes there
			return newRegistryError(answer, fmt.Sprintf("%s, where %s keeps it, answered %s; try again", host, c.session.named, answerText(answer)), ErrUnauthorized)
		}
		return c.session.unauthorized(status, wordsOf(answer), answer)
	case overloaded(status):
		return unavailable(readAnswer(response))
	case status == http.StatusBadRequest:
		answer := readAnswer(response)
		if request.URL.Scheme == "http" && len(answer.Errors) == 0 { // no registry says it so
			return wantsTLS(request.URL.Host, answer)
		}
		return answer
	case status != http.StatusOK || request.Method != http.MethodGet && request.Method != http.MethodHead:
		return nil
	}
	wanted := digest.Digest(path.Base(request.URL.Path))
	got := digest.Digest(response.Header.Get("Docker-Content-Digest"))
	if wanted.Validate() == nil && got.Validate() == nil && wanted.Algorithm() == got.Algorithm() && wanted != got {
		return fmt.Errorf("%w: the registry has %s for %s", oci.ErrCorrupt, got, wanted)
	}
	size, ok := oci.ExpectedSize(ctx)
	if ok && request.Method == http.MethodGet && response.ContentLength >= 0 && response.ContentLength != size {
		return oci.WrongSize(size)
	}
	return nil
}

// readAnswer reads the errors in an answer, as the distribution specification
// has them.
func readAnswer(response *http.Response) *errcode.ErrorResponse {
	answer := &errcode.ErrorResponse{Method: response.Request.Method, URL: response.Request.URL, StatusCode: response.StatusCode}
	var body struct{ Errors errcode.Errors }
	if json.NewDecoder(io.LimitReader(response.Body, maxAnswerBytes)).Decode(&body) == nil {
		answer.Errors = body.Errors
	}
	return answer
}

// answerBody is the body of an answer. It knows two breaks that the transport
// below can't: that of a client whose own time is up, which hides the error of
// the transport, and that of a connection whose end is the end of the body.
type answerBody struct {
	io.ReadCloser
	ctx      context.Context
	host     string
	expected int64 // bytes, if the end of the connection ends them
	got      int64
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.got += int64(n)
	switch {
	case err == nil || b.ctx.Err() != nil:
		return n, err
	case err != io.EOF:
		return n, interrupted(b.host, err)
	case b.got < b.expected:
		return n, interrupted(b.host, io.ErrUnexpectedEOF)
	}
	return n, err
}

// endsWithConnection reports whether nothing else shows where the body ends.
func endsWithConnection(r *http.Response) bool {
	return r.ContentLength < 0 && r.ProtoMajor == 1 && len(r.TransferEncoding) == 0 && !r.Uncompressed
}
