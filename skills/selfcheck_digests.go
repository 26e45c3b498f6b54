// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import "github.com/opencontainers/go-digest"

// selfCheckDigests are those of the parts of the built-in skill, in the order
// of selfCheckParts.
var selfCheckDigests = [...]digest.Digest{
	"sha256:b421f60d5e44449c763b0c12c55f2a8ab11b897dbc46464e3e153bcdddc00264", // tar
	"sha256:5365debcb42c2ca9f80a0120dbc4ab7aa55244f89af3f2fff47a4a1a0afea474", // DEFLATE
	"sha256:d6145a34301c4a7d570dd7326b292d6b058163a91573fde2727d6f597c081f7f", // gzip
	"sha256:2d88915dfa6676a846407c027adafa2b582ecfca1bd7152a1d424bba6cc920f0", // config
	"sha256:828084735214dc674a2d8de737cd735d6dede0f7c4889964ad8b0450c4280d11", // manifest
	"sha256:447866e15d9920b4da2765b547f3f8fba41a61b7121f3a6b2958b88fefa2632c", // index
}
