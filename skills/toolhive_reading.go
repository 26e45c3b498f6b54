// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"github.com/skillcask/skillcask/skills/internal/toolhive"
	"github.com/skillcask/skillcask/skills/skilldir"
)

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
