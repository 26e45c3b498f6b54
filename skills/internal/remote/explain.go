// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

// isKnown reports whether the message of err is complete: what went wrong with a
// registry, and what to do.
func IsKnown(err error) bool { return errors.As(err, new(*registryError)) }

// registryError is what went wrong between this machine and a registry. Its
// message is complete: what, the cause, and what to do.
type registryError struct {
	kinds []error // sentinels
	text  string
	cause error // nil: none
}

func newRegistryError(cause error, text string, kinds ...error) error {
	return &registryError{kinds, kinds[0].Error() + ": " + text, cause}
}

func (e *registryError) Error() string { return e.text }

func (e *registryError) Unwrap() []error {
	if e.cause == nil {
		return e.kinds
	}
	return append(slices.Clip(e.kinds), e.cause)
}

// Timeout implements [net.Error], by which retries know a dial that took too
// long.
func (e *registryError) Timeout() bool {
	var nerr net.Error
	return errors.As(e.cause, &nerr) && nerr.Timeout()
}

// Temporary implements [net.Error].
func (e *registryError) Temporary() bool { return e.Timeout() }

// interrupted is the error of a connection to host that broke.
func interrupted(host string, err error) error {
	if errors.Is(err, ErrInterrupted) {
		return err
	}
	if strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`) { // a TLS alert
		return wantsTLS(host, err)
	}
	text := fmt.Sprintf("the connection to %s broke: %s", host, wireText(err))
	if stalled := new(stalledError); errors.As(err, &stalled) {
		text = fmt.Sprintf("no byte went to or came from %s for %v", host, stalled.limit)
	} else if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		text = fmt.Sprintf("%s closed the connection too early", host)
	}
	return newRegistryError(err, text+"; try again", ErrInterrupted)
}

// unreachable is the error of a connection to host that could not be made.
func unreachable(host string, err error) error {
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/", errors.Is(err, http.ErrSchemeMismatch):
		return newRegistryError(err, fmt.Sprintf("%s speaks HTTP without TLS; ask for plain HTTP if you trust the way there", host), ErrUnavailable, ErrWantsPlainHTTP, http.ErrSchemeMismatch)
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return newRegistryError(err, fmt.Sprintf("%s; if you trust %s, name the file of its authority's certificate in SSL_CERT_FILE or add that to the system's trust store", wireText(err), host), ErrUnavailable)
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return newRegistryError(err, fmt.Sprintf("%s; check the name and the certificate of %s and the clock of this machine", wireText(err), host), ErrUnavailable)
	}
	return newRegistryError(err, fmt.Sprintf("%s; no registry answers at %s: check the host and the port, and whether it runs", wireText(err), host), ErrUnavailable)
}

// stalledError is the cause of an exchange that a watch has ended.
type stalledError struct{ limit time.Duration }

func (e *stalledError) Error() string { return fmt.Sprintf("no byte for %v", e.limit) }

// wantsTLS is the error of a host that was asked without TLS and wants it.
func wantsTLS(host string, err error) error {
	return newRegistryError(err, fmt.Sprintf("%s speaks TLS and was asked in plain HTTP; turn plain HTTP off", host), ErrUnavailable, ErrWantsTLS)
}

// unreached reports whether err shows by itself that no connection was made.
func unreached(err error) bool {
	var op *net.OpError
	return errors.As(err, new(*net.DNSError)) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") ||
		errors.As(err, new(tls.RecordHeaderError)) ||
		errors.As(err, new(*tls.CertificateVerificationError))
}

// wireText is the message of an error of net or net/http without the addresses
// of both ends, unless one could not be reached.
func wireText(err error) string {
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op != "dial":
		return op.Err.Error()
	case errors.Is(err, io.EOF):
		return "it closed the connection"
	}
	return plainText(err)
}

// explain makes the error of a store fit to be read: the message of a registry
// loses what the libraries below wrap around it, and what was said already.
func Explain(err error, said ...string) error {
	if err == nil {
		return nil
	}
	text := plainText(err)
	var answer *registryError
	source := new(SourceError)
	switch {
	case errors.As(err, &answer) && !errors.Is(answer, ErrInterrupted): // whatever it was asked for
		text = answer.text
	case errors.As(err, &source): // the store that was to take it has no more to say
		text = plainText(source)
	}
	if text = withoutRepeats(text, said); text == err.Error() {
		return err
	}
	return explained{err, text}
}

// explainResolve is explain for an error of src, which did not resolve name.
// Only a registry leaves it open what the name is.
func ExplainResolve(err error, src any, name string) error {
	if _, ok := src.(*remote.Repository); !ok {
		return err
	}
	if errors.Is(err, errdef.ErrNotFound) {
		which := "tag"
		if strings.Contains(name, "@") {
			which = "digest"
		}
		err = fmt.Errorf("%w; check the name and the %s", err, which)
	}
	return fmt.Errorf("%s: %w", name, Explain(err, name))
}

// withText returns err with another message.
func WithText(err error, text string) error { return explained{err, text} }

// explained is an error with another message.
type explained struct {
	error
	text string
}

func (e explained) Error() string { return e.text }
func (e explained) Unwrap() error { return e.error }

// sourceError is the error of content that could not be read.
type SourceError struct {
	Desc ocispec.Descriptor
	Err  error
}

func (e *SourceError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.Desc.MediaType, e.Desc.Digest, e.Err)
}

func (e *SourceError) Unwrap() error { return e.Err }

// plainText is the message of err without the names of oras-go's operations
// and without the URLs of requests, which repeat the reference.
func plainText(err error) string {
	switch e := err.(type) {
	case *oras.CopyError:
		return plainText(e.Err)
	case *url.Error:
		return plainText(e.Err)
	case *errcode.ErrorResponse:
		return "the registry answered " + answerText(e)
	}
	var wrapped []error
	switch e := err.(type) {
	case explained:
		return e.text
	case *registryError:
		return e.text
	case interface{ Unwrap() []error }:
		wrapped = e.Unwrap()
	case interface{ Unwrap() error }:
		wrapped = []error{e.Unwrap()}
	}
	text := err.Error()
	for _, inner := range wrapped {
		if inner != nil {
			text = strings.Replace(text, inner.Error(), plainText(inner), 1)
		}
	}
	return text
}

// answerText says what a registry answered: the status, and its own words.
func answerText(r *errcode.ErrorResponse) string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", r.StatusCode, http.StatusText(r.StatusCode)))
	if words := wordsOf(r); words != "" {
		text += ": " + words
	}
	return text
}

// wordsOf returns the messages of an answer, or the codes that have none.
func wordsOf(r *errcode.ErrorResponse) string {
	var words []string
	for _, e := range r.Errors {
		message := strings.TrimPrefix(e.Message, e.Code+": ") // which some registries repeat
		words = append(words, cmp.Or(message, strings.ToLower(strings.ReplaceAll(e.Code, "_", " "))))
	}
	return strings.Join(words, "; ")
}

// withoutRepeats cuts digests out of a message that it has already named, and
// what was said.
func withoutRepeats(text string, said []string) string {
	before := strings.Join(said, " ")
	var parts []string
	for part := range strings.SplitSeq(text, ": ") {
		repeated := slices.Contains(said, part) || digest.Digest(part).Validate() == nil && strings.Contains(before, part)
		if !repeated {
			parts = append(parts, part)
		}
		before += " " + part
	}
	return strings.Join(parts, ": ")
}
