// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// SkillConfig describes the skill of an artifact. It is read from the labels of
// its image configuration, which agree with SKILL.md and the files wherever the
// layer was read.
type SkillConfig struct {
	// Name is the only field that is never empty.
	Name        string `json:"name"`
	Description string `json:"description"`
	// Version is text: "1.10" is not 1.1.
	Version string `json:"version,omitempty"`
	// AllowedTools are the front matter's allowed-tools, one by one.
	AllowedTools []string `json:"allowedTools,omitempty"`
	// License is an SPDX expression or any other text, such as a file's name.
	License string `json:"license,omitempty"`
	// Compatibility says in words what the skill needs.
	Compatibility string `json:"compatibility,omitempty"`
	// Metadata is the front matter's metadata.
	Metadata map[string]string `json:"metadata,omitempty"`
	// Files are the paths of all files, SKILL.md included, sorted by bytes.
	Files []string `json:"files"`
}

// SkillConfigFromImageConfig reads the labels of an image configuration. It
// does not know whether they are true: [Inspect], [Unpack] and [Registry.Pull]
// compare them with the files. It returns an error that wraps [ErrNotSkill] if
// image is nil, has no label for the name or one that is no skill's name (1 to 64
// of a-z, 0-9 and single hyphens between them), lists a file whose name a skill
// can't have, or has a label that is not the JSON that it should be.
func SkillConfigFromImageConfig(image *ocispec.Image) (*SkillConfig, error) {
	if image == nil {
		return nil, fmt.Errorf("%w: there is no image configuration", ErrNotSkill)
	}
	labels := image.Config.Labels
	config := &SkillConfig{
		Name:          labels[LabelSkillName],
		Description:   labels[LabelSkillDescription],
		Version:       labels[LabelSkillVersion],
		License:       labels[LabelSkillLicense],
		Compatibility: labels[LabelSkillCompatibility],
	}
	if config.Name == "" {
		return nil, fmt.Errorf("%w: its image configuration has no label %s", ErrNotSkill, LabelSkillName)
	}
	if err := skilldir.CheckName(config.Name); err != nil {
		return nil, fmt.Errorf("%w: label %s: %w", ErrNotSkill, LabelSkillName, err)
	}
	for _, field := range []struct {
		label string
		into  any
	}{
		{LabelSkillAllowedTools, &config.AllowedTools},
		{LabelSkillFiles, &config.Files},
		{LabelSkillMetadata, &config.Metadata},
	} {
		value := labels[field.label]
		if value == "" {
			continue
		}
		if err := oci.UnmarshalStrict([]byte(value), field.into); err != nil {
			return nil, fmt.Errorf("%w: label %s: %w", ErrNotSkill, field.label, err)
		}
	}
	for _, name := range config.Files {
		if err := reproducible.CheckName(name); err != nil {
			return nil, fmt.Errorf("%w: label %s: %w", ErrNotSkill, LabelSkillFiles, err)
		}
	}
	return config, nil
}

// configOf describes the skill of a directory.
func configOf(fm *skilldir.Frontmatter, files []string) *SkillConfig {
	return &SkillConfig{
		Name:          fm.Name,
		Description:   fm.Description,
		Version:       fm.Version,
		AllowedTools:  fm.AllowedTools,
		License:       fm.License,
		Compatibility: fm.Compatibility,
		Metadata:      fm.Metadata,
		Files:         files,
	}
}

// labels returns the labels that SkillConfigFromImageConfig reads back. Empty
// values are left out.
func (c *SkillConfig) labels() map[string]string {
	labels := map[string]string{
		LabelSkillName:          c.Name,
		LabelSkillDescription:   c.Description,
		LabelSkillVersion:       c.Version,
		LabelSkillLicense:       c.License,
		LabelSkillCompatibility: c.Compatibility,
		LabelSkillFiles:         oci.JSONText(c.Files),
	}
	if len(c.AllowedTools) > 0 {
		labels[LabelSkillAllowedTools] = oci.JSONText(c.AllowedTools)
	}
	if len(c.Metadata) > 0 {
		labels[LabelSkillMetadata] = oci.JSONText(c.Metadata)
	}
	dropEmpty(labels)
	return labels
}

// ParseRequiresAnnotation returns the references to other skills in the
// annotation [AnnotationSkillRequires] of a manifest or index. It returns nil
// if the annotation is missing or is not a JSON array of strings.
func ParseRequiresAnnotation(annotations map[string]string) []string {
	var refs []string
	if oci.UnmarshalStrict([]byte(annotations[AnnotationSkillRequires]), &refs) != nil {
		return nil
	}
	return refs
}

func dropEmpty(m map[string]string) {
	for key, value := range m {
		if value == "" {
			delete(m, key)
		}
	}
}
