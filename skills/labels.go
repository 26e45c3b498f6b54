// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import "github.com/skillcask/skillcask/skills/skilldir"

// Names in a skill's artifact: the artifact type of its index and manifests
// (image-spec 1.1, image manifest, "artifactType"), their annotations beside the
// standard ones ("Pre-Defined Annotation Keys"), and the labels of its
// configurations.
const (
	// ArtifactTypeSkill is the artifact type that skillcask writes.
	ArtifactTypeSkill = "application/vnd.dev.toolhive.skills.v1"

	// AnnotationSkillName holds the skill's name.
	AnnotationSkillName = "dev.toolhive.skills.name"
	// AnnotationSkillDescription holds what the skill does and when to use it.
	AnnotationSkillDescription = "dev.toolhive.skills.description"
	// AnnotationSkillVersion holds the skill's version, if it has one.
	AnnotationSkillVersion = "dev.toolhive.skills.version"
	// AnnotationSkillRequires holds a JSON array of references to other skills.
	AnnotationSkillRequires = "dev.toolhive.skills.requires"
	// AnnotationFormat holds the number of the format that made the bytes; see
	// [FormatNumber].
	AnnotationFormat = "dev.skillcask.format"

	// LabelSkillName holds the skill's name. Every skill has this label.
	LabelSkillName = "dev.toolhive.skills.name"
	// LabelSkillDescription holds what the skill does and when to use it.
	LabelSkillDescription = "dev.toolhive.skills.description"
	// LabelSkillVersion holds the skill's version, if it has one.
	LabelSkillVersion = "dev.toolhive.skills.version"
	// LabelSkillAllowedTools holds a JSON array of strings.
	LabelSkillAllowedTools = "dev.toolhive.skills.allowedTools"
	// LabelSkillLicense holds the front matter's license.
	LabelSkillLicense = "dev.toolhive.skills.license"
	// LabelSkillFiles holds a JSON array of the paths of all files.
	LabelSkillFiles = "dev.toolhive.skills.files"
	// LabelSkillCompatibility holds what the skill needs, in words. It is
	// written by skillcask, not by ToolHive.
	LabelSkillCompatibility = "dev.toolhive.skills.compatibility"
	// LabelSkillMetadata holds a JSON object of strings. It is written by
	// skillcask, not by ToolHive.
	LabelSkillMetadata = "dev.toolhive.skills.metadata"

	// SkillFileName is the file at the root of every skill that describes it.
	SkillFileName = skilldir.SkillFileName

	// FormatNumber is the newest format that this package writes and verifies;
	// see FORMAT.md of package reproducible.
	FormatNumber = 1
)

const (
	// artifactTypeToolHive is the artifact type that ToolHive writes. It is no media
	// type as RFC 6838 has it, so strict registries refuse it; it is only ever read.
	artifactTypeToolHive = "dev.toolhive.skills.v1"

	// layerTitle is the layer's org.opencontainers.image.title.
	layerTitle = "skill.tar.gz"

	// createdBy stands in the image configuration's history. It must not vary
	// with the version of skillcask.
	createdBy = "skillcask pack"
)

// isSkillArtifactType reports whether an artifact type is one that skills
// have. The empty one is: some tools drop the field when they copy.
func isSkillArtifactType(s string) bool {
	return s == "" || s == ArtifactTypeSkill || s == artifactTypeToolHive
}
