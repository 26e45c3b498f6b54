// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// Operation is the kind of a request: each endpoint of the specification has one.
type Operation string

// The operations, by the endpoint's number in the specification. The last three have
// none.
const (
	OpPing           Operation = "ping"            // end-1
	OpBlobGet        Operation = "blob-get"        // end-2, GET
	OpBlobHead       Operation = "blob-head"       // end-2, HEAD
	OpManifestGet    Operation = "manifest-get"    // end-3, GET
	OpManifestHead   Operation = "manifest-head"   // end-3, HEAD
	OpUploadStart    Operation = "upload-start"    // end-4a, end-4b and end-4c
	OpUploadPatch    Operation = "upload-patch"    // end-5
	OpUploadPut      Operation = "upload-put"      // end-6
	OpManifestPut    Operation = "manifest-put"    // end-7
	OpTagsList       Operation = "tags-list"       // end-8
	OpManifestDelete Operation = "manifest-delete" // end-9, by digest or by tag
	OpBlobDelete     Operation = "blob-delete"     // end-10
	OpBlobMount      Operation = "blob-mount"      // end-11
	OpReferrersList  Operation = "referrers-list"  // end-12
	OpUploadStatus   Operation = "upload-status"   // end-13
	OpUploadCancel   Operation = "upload-cancel"   // end-14
	OpCatalog        Operation = "catalog"         // the list of repositories
	OpToken          Operation = "token"           // the token endpoint
	OpStorageGet     Operation = "storage-get"     // of the object store of RedirectBlobs
	OpUnknown        Operation = "unknown"         // none of these
)

// operations are all of these.
var operations = []Operation{
	OpPing, OpBlobGet, OpBlobHead, OpManifestGet, OpManifestHead, OpUploadStart, OpUploadPatch, OpUploadPut, OpManifestPut,
	OpTagsList, OpManifestDelete, OpBlobDelete, OpBlobMount, OpReferrersList, OpUploadStatus, OpUploadCancel, OpCatalog,
	OpToken, OpStorageGet, OpUnknown,
}

// writes reports whether an operation changes the store.
func (o Operation) writes() bool {
	switch o {
	case OpBlobDelete, OpBlobMount, OpUploadStart, OpUploadPatch, OpUploadPut, OpUploadCancel,
		OpManifestPut, OpManifestDelete:
		return true
	}
	return false
}

// reads lists the methods that the resource of an operation which writes has while
// it can't be written, for an Allow header.
func (o Operation) reads() string {
	switch o {
	case OpBlobDelete, OpManifestPut, OpManifestDelete:
		return "GET, HEAD"
	case OpUploadPatch, OpUploadPut, OpUploadCancel:
		return "GET"
	}
	return ""
}

// call is the request's line, understood.
type call struct {
	op     Operation
	repo   string
	digest digest.Digest // where the path or mount names one
	tag    string        // where a manifest is named by tag
	upload string        // ID of an upload session
	from   string        // source of a mount
	query  url.Values    // may be nil
	err    error         // why the line can't be served; the rest was understood
}

// detach copies all strings, so that keeping one does not keep all of the request's
// line.
func (c *call) detach() {
	c.repo, c.tag, c.upload, c.from = strings.Clone(c.repo), strings.Clone(c.tag), strings.Clone(c.upload), strings.Clone(c.from)
	c.digest = digest.Digest(strings.Clone(c.digest.String()))
	for _, values := range c.query {
		for i := range values {
			values[i] = strings.Clone(values[i])
		}
	}
}

// parseCall reads method, path and query.
func parseCall(method, path string, query url.Values) call {
	c := call{op: OpUnknown, query: query}
	c.err = c.parse(method, path)
	return c
}

func (c *call) parse(method, path string) error {
	if path == tokenPath {
		c.op = OpToken
		return allow(method, http.MethodGet, http.MethodPost)
	}
	rest, ok := strings.CutPrefix(path, "/v2")
	if !ok || rest != "" && rest[0] != '/' {
		return errNotFound
	}
	if rest == "" || rest == "/" {
		c.op = OpPing
		return allow(method, http.MethodGet, http.MethodHead)
	}
	if rest == "/_catalog" { // of no repository: a name can't begin so
		c.op = OpCatalog
		return allow(method, http.MethodGet, http.MethodHead)
	}
	// A repository's name may hold any of the words below, so the path is read
	// from its end.
	front, last := cutLast(rest)
	front, kind := cutLast(front)
	repo, word := cutLast(front)
	var err error
	switch {
	case repo != "" && word == "blobs" && kind == "uploads" && last != "":
		c.repo, c.upload = repo[1:], last
		err = c.uploadCall(method)
	case repo != "" && word == "blobs" && kind == "uploads":
		c.repo = repo[1:]
		err = c.startCall(method)
	case front == "":
		return errNotFound
	case kind == "blobs" && last == "uploads":
		c.repo = front[1:]
		err = c.startCall(method)
	case kind == "blobs":
		c.repo = front[1:]
		err = c.blobCall(method, last)
	case kind == "manifests":
		c.repo = front[1:]
		err = c.manifestCall(method, last)
	case kind == "referrers":
		c.repo, c.op = front[1:], OpReferrersList
		if err = allow(method, http.MethodGet, http.MethodHead); err == nil {
			c.digest, err = parseDigest(last)
		}
	case kind == "tags" && last == "list":
		c.repo, c.op = front[1:], OpTagsList
		err = allow(method, http.MethodGet, http.MethodHead)
	default:
		return errNotFound
	}
	if nameErr := checkName(c.repo); nameErr != nil {
		c.repo, c.from, c.upload = "", "", ""
		return nameErr
	}
	return err
}

// cutLast parts a path at its last slash, which belongs to neither side.
func cutLast(path string) (front, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(0, i)], path[i+1:]
}

func (c *call) blobCall(method, ref string) (err error) {
	switch method {
	case http.MethodGet:
		c.op = OpBlobGet
	case http.MethodHead:
		c.op = OpBlobHead
	case http.MethodDelete:
		c.op = OpBlobDelete
	default:
		return allow(method, http.MethodGet, http.MethodHead, http.MethodDelete)
	}
	c.digest, err = parseDigest(ref)
	return err
}

func (c *call) manifestCall(method, ref string) (err error) {
	switch method {
	case http.MethodGet:
		c.op = OpManifestGet
	case http.MethodHead:
		c.op = OpManifestHead
	case http.MethodPut:
		c.op = OpManifestPut
	case http.MethodDelete:
		c.op = OpManifestDelete
	default:
		return allow(method, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete)
	}
	if strings.Contains(ref, ":") {
		c.digest, err = parseDigest(ref)
		return err
	}
	if !grammar.ValidTag(ref) {
		return fmt.Errorf("%w: %.140q is neither a tag nor a digest", ErrManifestInvalid, ref)
	}
	c.tag = ref
	return nil
}

func (c *call) uploadCall(method string) error {
	switch method {
	case http.MethodGet:
		c.op = OpUploadStatus
	case http.MethodPatch:
		c.op = OpUploadPatch
	case http.MethodPut:
		c.op = OpUploadPut
	case http.MethodDelete:
		c.op = OpUploadCancel
	default:
		return allow(method, http.MethodGet, http.MethodPatch, http.MethodPut, http.MethodDelete)
	}
	if !grammar.ValidUUID(c.upload) {
		return fmt.Errorf("%w: %.40q", ErrBlobUploadUnknown, c.upload)
	}
	return nil
}

func (c *call) startCall(method string) (err error) {
	if err := allow(method, http.MethodPost); err != nil {
		return err
	}
	c.op = OpUploadStart
	if c.query.Has("mount") {
		c.op = OpBlobMount
		if c.digest, err = parseDigest(c.query.Get("mount")); err != nil {
			return err
		}
		if c.from = c.query.Get("from"); c.from != "" {
			return checkName(c.from)
		}
	}
	return nil
}

func checkName(name string) error {
	if !grammar.ValidName(name) {
		return errorf(ErrNameInvalid, "%.300q", name)
	}
	return nil
}

func parseDigest(s string) (digest.Digest, error) {
	dgst, err := grammar.ParseDigest(s)
	if err != nil {
		return "", errorf(ErrDigestInvalid, "%v", err)
	}
	return dgst, nil
}

// allow is nil if the method is one of those.
func allow(method string, methods ...string) error {
	for _, m := range methods {
		if m == method {
			return nil
		}
	}
	return &methodError{methods}
}

// methodError is answered with 405 and the methods that there are.
type methodError struct{ allowed []string }

func (e *methodError) Error() string {
	return "only " + strings.Join(e.allowed, ", ") + " here"
}

func (e *methodError) Unwrap() error { return ErrUnsupported }
