// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import "oras.land/oras-go/v2/registry"

// IsReference reports whether s is a reference that can be pulled.
func IsReference(s string) bool {
	_, err := registry.ParseReference(s)
	return err == nil
}
