// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import "net/http"

const tokenPath = "/token"

// authorize refuses a request that has not the credentials that it needs.
func (h *Handler) authorize(w http.ResponseWriter, r *http.Request, _ *call) error {
	a := h.opts.Auth
	if a == nil {
		return nil
	}
	user, password, ok := r.BasicAuth()
	if ok && a.check(user, password) {
		return nil
	}
	w.Header().Set("Www-Authenticate", `Basic realm="registrytest", charset="UTF-8"`)
	if ok {
		return errorf(ErrUnauthorized, "unknown user or wrong password")
	}
	return ErrUnauthorized
}
