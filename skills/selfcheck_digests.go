// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import "github.com/opencontainers/go-digest"

// selfCheckDigests are those of the parts of the built-in skill, in the order
// of selfCheckParts.
var selfCheckDigests = [...]digest.Digest{
	"sha256:b421f60d5e44449c763b0c12c55f2a8ab11b897dbc46464e3e153bcdddc00264", // tar
	"sha256:ecea0968316eca0d820dade3392c59580882f19e96bd5e0811236cd9b1035739", // DEFLATE
	"sha256:64f3d29b034c53d3ba449800afaf7a538b2e7a579fb818b1c6f6b9b66af2a15c", // gzip
	"sha256:2d88915dfa6676a846407c027adafa2b582ecfca1bd7152a1d424bba6cc920f0", // config
	"sha256:5216a9b1b64b40a190f5be054a9d75264a6ddee987baf111c15e16b3e0525fb2", // manifest
	"sha256:2257018ddf12118c71b62e2a157fd2cb06f3ce3d1dac746923b16844f12b87c6", // index
}
