// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/toolhive"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// An artifact says what its skill is in up to four places: in SKILL.md, which
// agents obey, in the labels of each platform's configuration, and in the
// annotations of manifests and index, which people and programs decide by. Here
// they are held to one another.

// skillLabels are the labels that this package reads, in the order in which
// they are compared.
var skillLabels = []string{
	LabelSkillName, LabelSkillDescription, LabelSkillVersion, LabelSkillLicense,
	LabelSkillCompatibility, LabelSkillAllowedTools, LabelSkillMetadata, LabelSkillFiles,
}

// sameLabels compares the labels of one platform with those of another.
func sameLabels(labels, others map[string]string) error {
	for _, key := range skillLabels {
		if labels[key] != others[key] {
			return fmt.Errorf("%w: label %s says %s, that of another platform says %s", ErrCorrupt, key, said(labels[key]), said(others[key]))
		}
	}
	return nil
}

// said quotes what a label or an annotation says.
func said(value string) string {
	if value == "" {
		return "nothing"
	}
	return strconv.Quote(oci.Excerpt(value))
}

// samePlatform compares the platform in an index with that in a configuration.
// An architecture's first variant is what no variant means, and not every
// program notes a system's version and features in both places.
func samePlatform(a, b ocispec.Platform) bool {
	return a.OS == b.OS && a.Architecture == b.Architecture && fullVariant(a) == fullVariant(b) &&
		(a.OSVersion == b.OSVersion || a.OSVersion == "" || b.OSVersion == "") &&
		(len(a.OSFeatures) == 0 || len(b.OSFeatures) == 0 || slices.Equal(a.OSFeatures, b.OSFeatures))
}

// claims are what the annotations of index and manifests say besides the labels.
type claims struct {
	format   string // of skillcask, "" if another program's
	requires string // JSON
}

// exact reports whether this package packed the artifact, if that is true: its
// labels are then what packing writes, and nothing else.
func (c claims) exact() bool { return c.format == strconv.Itoa(FormatNumber) }

// add compares the annotations of a manifest or index with the labels, which
// config is made of, and with those that were added before. Programs that put
// an index together from manifests leave annotations out; what is left out says
// nothing, unless there is an annotation of skillcask's format.
func (c *claims) add(desc ocispec.Descriptor, annotations map[string]string, config *SkillConfig) error {
	own := claims{format: annotations[AnnotationFormat]}
	pairs := []struct{ annotation, label, value string }{
		{AnnotationSkillName, LabelSkillName, config.Name},
		{AnnotationSkillDescription, LabelSkillDescription, config.Description},
		{AnnotationSkillVersion, LabelSkillVersion, config.Version},
	}
	if own.exact() {
		pairs = append(pairs, []struct{ annotation, label, value string }{
			{ocispec.AnnotationTitle, LabelSkillName, config.Name},
			{ocispec.AnnotationDescription, LabelSkillDescription, config.Description},
			{ocispec.AnnotationVersion, LabelSkillVersion, config.Version},
			{ocispec.AnnotationLicenses, LabelSkillLicense, config.License},
		}...)
	}
	for _, p := range pairs {
		got := annotations[p.annotation]
		if got != p.value && (got != "" || own.exact()) {
			return fmt.Errorf("%s: %w: annotation %s says %s, label %s says %s", desc.Digest, ErrCorrupt, p.annotation, said(got), p.label, said(p.value))
		}
	}
	for _, field := range []struct {
		annotation string
		into       *string
	}{
		{AnnotationFormat, &c.format},
		{AnnotationSkillRequires, &c.requires},
	} {
		got := annotations[field.annotation]
		switch {
		case *field.into == "":
			*field.into = got
		case got != "" && got != *field.into:
			return fmt.Errorf("%s: %w: annotation %s says %s, that of another manifest says %s", desc.Digest, ErrCorrupt, field.annotation, said(got), said(*field.into))
		}
	}
	return nil
}

// layerContents is what a layer was seen to hold.
type layerContents struct {
	names   []string
	skillMD []byte // its beginning, nil if there is none
}

// maxSeenBytes is as much of SKILL.md as is looked at: the front matter, its
// fences, and blank lines before them, which ToolHive takes.
const maxSeenBytes = skilldir.MaxFrontmatterBytes + 4<<10

// record notes a file and returns a reader of its content from the beginning.
func (l *layerContents) record(entry reproducible.Entry, content io.Reader) (io.Reader, error) {
	l.names = append(l.names, entry.Name)
	if entry.Name != SkillFileName {
		return content, nil
	}
	var err error
	if l.skillMD, err = io.ReadAll(io.LimitReader(content, maxSeenBytes)); err != nil {
		return nil, err
	}
	return io.MultiReader(bytes.NewReader(l.skillMD), content), nil
}

// reading is what SKILL.md and the names of the files come to.
type reading struct {
	labels   map[string]string
	requires []string
}

// agree compares what the layer holds with the labels and annotations.
//
// What skillcask packed must have the labels that packing writes. What has no
// annotation of its format must have them too, or those that ToolHive writes
// from its own reading of the same SKILL.md: see [toolHiveReading]. Nothing else
// is let pass, since no other program is known to write such artifacts.
func (a *artifact) agree(v *platformManifest, seen *layerContents) error {
	if seen.skillMD == nil {
		return fmt.Errorf("%w: label %s says %q, the layer has no %s at its root", ErrCorrupt, LabelSkillName, v.config.Name, SkillFileName)
	}
	slices.Sort(seen.names)
	if err := compareNames(v.config.Files, seen.names); err != nil {
		return err
	}
	ours, err := ownReading(seen)
	if a.claims.exact() {
		if err == nil {
			err = a.compare(v.image.Config.Labels, ours, true)
		}
		return v.disagrees(err)
	}
	labels := v.config.labels() // JSON as packing writes it
	labels[LabelSkillFiles] = oci.JSONText(seen.names)
	if err == nil {
		err = a.compare(labels, ours, false)
	}
	if err != nil {
		if theirs := toolHiveReading(seen, labels); theirs != nil {
			err = a.compare(labels, theirs, false)
		}
	}
	return v.disagrees(err)
}

// disagrees says that SKILL.md, which can't be read, does.
func (v *platformManifest) disagrees(err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) {
		return err
	}
	return fmt.Errorf("%w: label %s says %q, but %w", ErrCorrupt, LabelSkillName, v.config.Name, err)
}

// compare compares labels, and the annotation for what is required, with a
// reading.
func (a *artifact) compare(labels map[string]string, want *reading, exact bool) error {
	keys := slices.Clone(skillLabels)
	if exact { // any other label is one too many
		keys = append(keys, slices.Sorted(maps.Keys(labels))...)
	}
	for _, key := range keys {
		if labels[key] != want.labels[key] {
			return fmt.Errorf("%w: label %s says %s, %s says %s", ErrCorrupt, key, said(labels[key]), SkillFileName, said(want.labels[key]))
		}
	}
	if a.claims.requires == "" && !exact { // ToolHive does not look everywhere
		return nil
	}
	refs := ParseRequiresAnnotation(map[string]string{AnnotationSkillRequires: a.claims.requires})
	// Whether two stand on one line is the business of rules, not of the artifact.
	got, should := toolhive.SplitWords(strings.Join(refs, " ")), toolhive.SplitWords(strings.Join(want.requires, " "))
	if !slices.Equal(got, should) {
		return fmt.Errorf("%w: annotation %s says %s, %s says %s", ErrCorrupt, AnnotationSkillRequires, said(a.claims.requires), SkillFileName, said(strings.Join(should, " ")))
	}
	return nil
}

// compareNames compares the label's list of files with the layer's, sorted.
func compareNames(label, layer []string) error {
	label = slices.Clone(label)
	slices.Sort(label)
	for i := range max(len(label), len(layer)) {
		switch {
		case i >= len(label) || i < len(layer) && layer[i] < label[i]:
			return fmt.Errorf("%w: the layer holds %q, label %s does not list it", ErrCorrupt, oci.Excerpt(layer[i]), LabelSkillFiles)
		case i >= len(layer) || layer[i] > label[i]:
			return fmt.Errorf("%w: label %s lists %q, the layer does not hold it", ErrCorrupt, LabelSkillFiles, oci.Excerpt(label[i]))
		}
	}
	return nil
}

// ownReading reads SKILL.md as packing does.
func ownReading(seen *layerContents) (*reading, error) {
	meta, wrong, err := skilldir.ParseSkillMD(bytes.NewReader(seen.skillMD))
	if err != nil {
		return nil, err
	}
	if meta == nil {
		return nil, fmt.Errorf("%s can't be read: line %d: %s", SkillFileName, wrong[0].Line, wrong[0].Message)
	}
	// What else is wrong with it is for rules to say, which change; a value that
	// can't be read is missing here.
	return &reading{configOf(meta, seen.names).labels(), meta.Requires}, nil
}

// toolHiveReading reads SKILL.md as ToolHive does, or returns nil if ToolHive
// could not; see [toolhive.Read]. In ToolHive compatibility and metadata become no
// labels. Should a later ToolHive write them, so that they are among labels, they
// are compared.
func toolHiveReading(seen *layerContents, labels map[string]string) *reading {
	fields := toolhive.Read(seen.skillMD, skilldir.MaxFrontmatterBytes)
	if fields == nil {
		return nil
	}
	config := SkillConfig{
		Name:         fields.Name,
		Description:  fields.Description,
		Version:      fields.Version,
		AllowedTools: fields.AllowedTools,
		License:      fields.License,
		Files:        seen.names,
	}
	if labels[LabelSkillCompatibility] != "" {
		config.Compatibility = fields.Compatibility
	}
	if labels[LabelSkillMetadata] != "" {
		config.Metadata = fields.Metadata
	}
	return &reading{config.labels(), fields.Requires()}
}
