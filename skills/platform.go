// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// DefaultPlatforms returns linux/amd64 and linux/arm64, the platforms of a
// skill for which none are asked.
func DefaultPlatforms() []ocispec.Platform {
	return []ocispec.Platform{
		{OS: "linux", Architecture: "amd64"},
		{OS: "linux", Architecture: "arm64"},
	}
}

// knownPlatforms maps operating systems to architectures: the pairs that Go
// builds for, as image-spec 1.1 wants ("Image Index", "platform").
var knownPlatforms = map[string][]string{
	"aix":       {"ppc64"},
	"android":   {"386", "amd64", "arm", "arm64"},
	"darwin":    {"amd64", "arm64"},
	"dragonfly": {"amd64"},
	"freebsd":   {"386", "amd64", "arm", "arm64", "riscv64"},
	"illumos":   {"amd64"},
	"ios":       {"amd64", "arm64"},
	"js":        {"wasm"},
	"linux":     {"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x"},
	"netbsd":    {"386", "amd64", "arm", "arm64"},
	"openbsd":   {"386", "amd64", "arm", "arm64", "ppc64", "riscv64"},
	"plan9":     {"386", "amd64", "arm"},
	"solaris":   {"amd64"},
	"wasip1":    {"wasm"},
	"windows":   {"386", "amd64", "arm", "arm64"},
}

// knownVariants maps architectures to variants (image-spec 1.1, "Platform
// Variants"). The first is the default variant; "" if the specification names none.
var knownVariants = map[string][]string{
	"arm":     {"", "v5", "v6", "v7", "v8"},
	"arm64":   {"v8", "v8.1", "v8.2", "v9", "v9.1"},
	"amd64":   {"v1", "v2", "v3", "v4"},
	"ppc64le": {"", "power8", "power9", "power10"},
	"riscv64": {"", "rva20u64", "rva22u64", "rva23u64"},
}

// ParsePlatform parses "os/architecture" or "os/architecture/variant". The error of one
// that is malformed or unknown wraps [ErrInvalidPlatform] and lists the known ones.
func ParsePlatform(s string) (ocispec.Platform, error) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		return ocispec.Platform{}, fmt.Errorf("%w %q: want os/architecture or os/architecture/variant, such as linux/arm/v7", ErrInvalidPlatform, s)
	}
	p := ocispec.Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p, checkPlatform(p)
}

// PlatformString returns what [ParsePlatform] parses.
func PlatformString(p ocispec.Platform) string {
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

func checkPlatform(p ocispec.Platform) error {
	s := PlatformString(p)
	architectures, ok := knownPlatforms[p.OS]
	if !ok {
		systems := make([]string, 0, len(knownPlatforms))
		for system := range knownPlatforms {
			systems = append(systems, system)
		}
		slices.Sort(systems)
		return fmt.Errorf("%w %q: operating system %q is unknown; known are %s", ErrInvalidPlatform, s, p.OS, strings.Join(systems, ", "))
	}
	if !slices.Contains(architectures, p.Architecture) {
		return fmt.Errorf("%w %q: architecture %q is unknown for %s; known are %s", ErrInvalidPlatform, s, p.Architecture, p.OS, strings.Join(architectures, ", "))
	}
	if variants := knownVariants[p.Architecture]; p.Variant != "" && !slices.Contains(variants, p.Variant) {
		known := strings.TrimPrefix(strings.Join(variants, ", "), ", ")
		if known == "" {
			return fmt.Errorf("%w %q: %s has no variants; leave %q out", ErrInvalidPlatform, s, p.Architecture, p.Variant)
		}
		return fmt.Errorf("%w %q: variant %q is unknown for %s; known are %s", ErrInvalidPlatform, s, p.Variant, p.Architecture, known)
	}
	if p.OSVersion != "" || len(p.OSFeatures) > 0 {
		return fmt.Errorf("%w %q: os.version and os.features are not part of a skill's platform; leave them out", ErrInvalidPlatform, s)
	}
	return nil
}

// checkPlatforms checks each platform and refuses two that mean the same.
func checkPlatforms(platforms []ocispec.Platform) error {
	if len(platforms) > maxPlatforms {
		return fmt.Errorf("%w: %d platforms are given; a skill has at most %d", ErrInvalidPlatform, len(platforms), maxPlatforms)
	}
	seen := make(map[string]string, len(platforms))
	for _, p := range platforms {
		if err := checkPlatform(p); err != nil {
			return err
		}
		full := p
		full.Variant = fullVariant(p)
		if other, ok := seen[PlatformString(full)]; ok {
			return fmt.Errorf("%w %q: it is given twice, before as %q; give each platform once", ErrInvalidPlatform, PlatformString(p), other)
		}
		seen[PlatformString(full)] = PlatformString(p)
	}
	return nil
}

// fullVariant returns a platform's variant, or what none means.
func fullVariant(p ocispec.Platform) string {
	if variants := knownVariants[p.Architecture]; p.Variant == "" && len(variants) > 0 {
		return variants[0]
	}
	return p.Variant
}
