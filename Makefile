# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
# SPDX-License-Identifier: Apache-2.0

.PHONY: test
test:
	go test -race ./...
