// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"io"
	"net/http"

	"oras.land/oras-go/v2/registry/remote/retry"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// retrying sends requests again that failed for the moment, as the policy says: those
// of uploads too, whose bodies makeRepeatable has made ready.
func (c *Clients) retrying(base http.RoundTripper) http.RoundTripper {
	return &retry.Transport{Base: base, Policy: c.Retries}
}

// makeRepeatable makes a request one that can be sent again with a fresh token
// or after a 503. oras-go sees to that only for bodies of a few types. A body
// that can be read at any offset is read again, one that is small enough is kept
// in memory.
func makeRepeatable(request *http.Request) error {
	if request.GetBody != nil || request.Body == nil || request.ContentLength <= 0 {
		return nil
	}
	size := request.ContentLength
	at, ok := request.Body.(io.ReaderAt)
	if !ok && size <= oci.MaxMetadataBytes {
		data, err := io.ReadAll(io.LimitReader(request.Body, size+1))
		if err != nil {
			return err
		}
		if int64(len(data)) != size {
			return oci.WrongSize(size)
		}
		at, ok = bytes.NewReader(data), true
	}
	if ok {
		request.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(at, 0, size)), nil
		}
		request.Body, _ = request.GetBody()
	}
	return nil
}
