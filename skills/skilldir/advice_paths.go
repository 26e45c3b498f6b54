// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// skillPaths are the paths of a skill, for those who look for one.
type skillPaths struct {
	exact    map[string]bool     // files and directories
	folded   map[string]string   // by small letters
	excluded map[string]Excluded // by name, without the slash of a directory
}

// paths indexes the files of the skill and their directories.
func (s *scanner) paths() *skillPaths {
	if s.index != nil {
		return s.index
	}
	p := &skillPaths{exact: map[string]bool{".": true}, folded: map[string]string{}, excluded: map[string]Excluded{}}
	for _, f := range s.files {
		for name := f.name; !p.exact[name]; name = path.Dir(name) {
			p.exact[name] = true
			p.folded[strings.ToLower(name)] = name
		}
	}
	for _, d := range s.excluded {
		p.excluded[strings.TrimSuffix(d.Name, "/")] = d
	}
	s.index = p
	return p
}

// find returns the name that target has, which differs by case at most.
func (p *skillPaths) find(target string) (string, bool) {
	if p.exact[target] {
		return target, true
	}
	name, ok := p.folded[strings.ToLower(target)]
	return name, ok
}

// leftOut returns why target is not among the files, if it was left out.
func (p *skillPaths) leftOut(target string) (Excluded, bool) {
	for {
		if d, ok := p.excluded[target]; ok {
			return d, true
		}
		end := strings.LastIndexByte(target, '/')
		if end < 0 {
			return Excluded{}, false
		}
		target = target[:end]
	}
}

// judge returns the rule that ref breaks, or "".
func (p *skillPaths) judge(ref reference, heads map[string]headFacts) (rule, message, hint string) {
	target, inside := join(ref.target)
	if !inside {
		// False positives: a skill that is always installed beside the one that
		// it links to, or inside the repository that it speaks of.
		return "link-outside", fmt.Sprintf("the link to %q leads out of the skill", oci.Excerpt(ref.target)), "what is outside is not packed: copy it in, or link to a URL"
	}
	name, ok := p.find(target)
	if !ok {
		if d, dropped := p.leftOut(target); dropped {
			// False positives: a file that the author has and that each user is to
			// make, such as .env.
			return "file-left-out", fmt.Sprintf("%q is left out of the artifact (%s: %s)", oci.Excerpt(target), d.Reason, d.Pattern), fmt.Sprintf("bring it back with \"!%s\" in %s", target, ignoreFileName)
		}
		// False positives: a link that a template makes whole; a file that the
		// skill itself is to write, on a line that madeUp does not know.
		verb := "mentioned"
		if ref.link {
			verb = "linked to"
		}
		return "missing-file", fmt.Sprintf("%q is %s but does not exist", oci.Excerpt(target), verb), "add it or mend the path; paths are relative to " + SkillFileName
	}
	if name != target {
		// False positives: a line that speaks of a like path of another project.
		return "file-case", fmt.Sprintf("the file %q is called %q", oci.Excerpt(target), name), "write it as the file is called: case counts on most systems"
	}
	// False positives: with ModesFromFS the file's bit makes it executable, and a
	// shell, unlike what else starts programs, runs it; a block of commands that
	// shows what a shell prints.
	if facts, known := heads[name]; ref.runs && known && !facts.runnable {
		return "script-shebang", fmt.Sprintf("%q is run by its path and has no line of \"#!\", so that it is not executable", oci.Excerpt(target)), fmt.Sprintf("begin it with %q, or run it through its interpreter", shebangFor(name))
	}
	return "", "", ""
}

// shebangFor proposes a first line for a script.
func shebangFor(name string) string {
	switch path.Ext(name) {
	case ".py":
		return "#!/usr/bin/env python3"
	case ".js", ".mjs", ".cjs":
		return "#!/usr/bin/env node"
	case ".rb":
		return "#!/usr/bin/env ruby"
	case ".bash":
		return "#!/usr/bin/env bash"
	}
	return "#!/bin/sh"
}

// unescapePercent decodes a URL's path, if it is one.
func unescapePercent(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
