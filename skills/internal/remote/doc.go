// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package remote speaks HTTP with registries, below oras-go: it looks up logins,
// ends transfers that stall, makes bodies that can be sent again, and says of an
// error what went wrong and what to do.
package remote
