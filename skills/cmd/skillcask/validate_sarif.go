// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/url"
	"path/filepath"

	"github.com/skillcask/skillcask/skills/skilldir"
)

// The part of SARIF 2.1.0 that a linter needs (OASIS, section 3).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string      `json:"id"`
		ShortDescription     sarifText   `json:"shortDescription"`
		Help                 sarifText   `json:"help"`
		DefaultConfiguration sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Enabled bool   `json:"enabled"`
		Level   string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
)

// reportSARIF prints a log that code scanning reads.
func (a *app) reportSARIF(verdicts []verdict, flags validateFlags) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "skillcask", InformationURI: "https://github.com/skillcask/skillcask"}
	index := map[string]int{}
	for i, r := range skilldir.Rules() {
		severity := r.Severity(skilldir.Profile(flags.profile))
		config := sarifConfig{Enabled: severity != "", Level: string(severity)}
		if severity == "" {
			config.Level = "none"
		}
		index[r.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: r.ID, ShortDescription: sarifText{r.Summary}, Help: sarifText{"For example: " + r.Example}, DefaultConfiguration: config,
		})
	}
	for _, v := range verdicts {
		for _, d := range v.Diagnostics {
			result := sarifResult{RuleID: d.Rule, RuleIndex: index[d.Rule], Level: string(d.Severity), Message: sarifText{sentence(d)}}
			place := sarifPhysical{ArtifactLocation: sarifArtifact{fileURI(filePath(v.dir, d))}}
			if d.Line > 0 {
				place.Region = &sarifRegion{d.Line, d.Column}
			}
			result.Locations = []sarifLocation{{place}}
			run.Results = append(run.Results, result)
		}
	}
	return a.printJSON(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// fileURI returns path as a reference relative to the working directory, or as
// a file URI if it lies elsewhere.
func fileURI(path string) string {
	path = workPath(path)
	uri := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		uri.Scheme = "file"
		if uri.Path[0] != '/' {
			uri.Path = "/" + uri.Path // a drive
		}
	}
	return uri.String()
}
