// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import "github.com/opencontainers/go-digest"

// selfCheckDigests are those of the parts of the built-in skill, in the order
// of selfCheckParts. They change with the built-in skill and with nothing else.
var selfCheckDigests = [...]digest.Digest{
	"sha256:df9b1fd63b2ef2519afb2edef080d7e6abb8868da9c00ef78592a23c803fba94", // tar
	"sha256:a1a992f0768ed0a53cf69167aee4a14d65968c09e5d65e8ef496731cffe92216", // DEFLATE
	"sha256:260e5227958cd206190ec2bbb60238f1b29b1a8358b91602e62eb73bb5dba098", // gzip
	"sha256:5904b95783a79b3a847ab11d5865fd7096f93725f3ff0ccf434e115397e4f68c", // config
	"sha256:d764930bbbac20465cdec8b9407a58cedf1fb24e5afb156d75e53bbf6f261302", // manifest
	"sha256:19516df398403de079361c0de41d30acf608622bf252c8ad022e47332e28d8dd", // index
}
