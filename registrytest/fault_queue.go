// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// Injection is what [Handler.Inject] added: faults that can be watched and ended.
type Injection struct {
	queue  *faultQueue
	faults []*queuedFault
}

// Remove ends the faults: they happen to no later request. So an outage can end.
func (i *Injection) Remove() {
	i.queue.mu.Lock()
	defer i.queue.mu.Unlock()
	i.queue.pending = slices.DeleteFunc(i.queue.pending, func(f *queuedFault) bool { return slices.Contains(i.faults, f) })
}

// Fired returns on how many requests the faults took effect so far.
func (i *Injection) Fired() (total int) {
	i.queue.mu.Lock()
	defer i.queue.mu.Unlock()
	for _, f := range i.faults {
		total += f.fired
	}
	return total
}

// faultQueue has the faults that are yet to come.
type faultQueue struct {
	mu      sync.Mutex
	pending []*queuedFault
	idle    map[*queuedFault]bool // those that have yet to take effect, and must
}

type queuedFault struct {
	Fault
	seen, fired int
}

func (s *faultQueue) add(faults []Fault) *Injection {
	for _, f := range faults {
		f.check()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.idle == nil {
		s.idle = map[*queuedFault]bool{}
	}
	i := &Injection{queue: s}
	for _, f := range faults {
		if f.Count == 0 {
			f.Count = 1
		}
		queued := &queuedFault{Fault: f}
		i.faults = append(i.faults, queued)
		if !f.Optional {
			s.idle[queued] = true
		}
	}
	s.pending = append(s.pending, i.faults...)
	return i
}

// next counts a request and returns the fault that is due, or nil. Refused says that
// the registry wants credentials first. What is spent costs later requests nothing.
func (s *faultQueue) next(q *request, refused bool) (due *queuedFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	spent := false
	for _, f := range s.pending {
		if !f.comesDue(q, refused) {
			continue
		}
		f.seen++
		n := f.seen - f.Skip
		if due == nil && n > 0 {
			due = f
		}
		spent = spent || f.isSpent()
	}
	if spent {
		s.pending = slices.DeleteFunc(s.pending, (*queuedFault).isSpent)
	}
	return due
}

func (f *queuedFault) isSpent() bool { return f.Count > 0 && f.seen-f.Skip >= f.Count }

// comesDue reports whether a request counts.
func (f *queuedFault) comesDue(q *request, refused bool) bool {
	switch {
	case f.Match.Unauthenticated:
		return refused && f.Match.matches(q)
	case refused && f.needsAnswer():
		return false
	}
	return f.Match.matches(q)
}

// needsAnswer reports whether a fault is about what the registry does or answers.
func (f Fault) needsAnswer() bool {
	return f.Effect != NoEffect && f.Effect != DropRequest ||
		f.Status == 0 && (f.Header != nil || f.Bandwidth > 0 || f.Do != nil)
}

// fire notes that a fault took effect.
func (s *faultQueue) fire(f *queuedFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.fired++
	delete(s.idle, f)
}

// unfired describes the faults that should have taken effect and have not.
func (s *faultQueue) unfired() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.idle {
		list = append(list, fmt.Sprintf("%s (matched %d requests, %s)", f.Fault, f.seen, f.Match))
	}
	slices.Sort(list)
	return list
}

func (m Match) matches(q *request) bool {
	return (m.Path == "" || matchPath(m.Path, q.r.URL.Path)) &&
		(m.Method == "" || m.Method == q.r.Method) &&
		(m.Repository == "" || m.Repository == q.repo) &&
		(m.Tag == "" || m.Tag == q.tag) &&
		(m.Digest == "" || m.Digest == q.digest || m.Digest.String() == q.query.Get("digest")) &&
		(m.Operation == "" || m.Operation == q.op) &&
		(m.Func == nil || m.Func(q.r))
}

// matchPath is [path.Match] in which "*" stands for slashes too, since the name of a
// repository may have some.
func matchPath(pattern, name string) bool {
	const slash = "\x00" // no path of a request has one
	ok, _ := path.Match(strings.ReplaceAll(pattern, "/", slash), strings.ReplaceAll(name, "/", slash))
	return ok
}

// String lists the fields that are set.
func (m Match) String() string {
	var fields []string
	for _, f := range []struct{ name, value string }{
		{"Method", m.Method}, {"Path", m.Path}, {"Repository", m.Repository},
		{"Tag", m.Tag}, {"Digest", m.Digest.String()}, {"Operation", string(m.Operation)},
	} {
		if f.value != "" {
			fields = append(fields, f.name+" "+f.value)
		}
	}
	if m.Func != nil {
		fields = append(fields, "Func")
	}
	if m.Unauthenticated {
		fields = append(fields, "Unauthenticated")
	}
	if len(fields) == 0 {
		return "all requests"
	}
	return strings.Join(fields, ", ")
}

// check panics unless a fault can happen: the mistake is in the test's source, and
// the test would show nothing.
func (f Fault) check() {
	refuse := func(format string, args ...any) { panic("registrytest: Fault." + fmt.Sprintf(format, args...)) }
	m := f.Match
	if m.Operation != "" && !slices.Contains(operations, m.Operation) {
		refuse("Match.Operation: there is no %q", m.Operation)
	}
	if m.Method != strings.ToUpper(m.Method) {
		refuse("Match.Method: methods are written in capitals, this is %q", m.Method)
	}
	if _, err := path.Match(m.Path, ""); err != nil {
		refuse("Match.Path: %q is no pattern of path.Match", m.Path)
	}
	if m.Path != "" && !strings.HasPrefix(m.Path, "/") && !strings.ContainsAny(m.Path[:1], "*?[\\") {
		refuse("Match.Path: %q fits nothing, paths begin with a slash", m.Path)
	}
	if m.Tag != "" && !grammar.ValidTag(m.Tag) {
		refuse("Match.Tag: %q is no tag", m.Tag)
	}
	if m.Digest != "" && m.Digest.Validate() != nil {
		refuse("Match.Digest: %q is no digest", m.Digest)
	}
	if f.Skip < 0 {
		refuse("Skip: %d is below 0", f.Skip)
	}
	if f.Delay < 0 {
		refuse("Delay: %v is below 0", f.Delay)
	}
	if f.Status != 0 && (f.Status < 100 || f.Status > 999) {
		refuse("Status: %d is no status of HTTP, which has three digits", f.Status)
	}
	if f.Effect < 0 || int(f.Effect) >= len(effectNames) {
		refuse("Effect: there is no %s", f.Effect)
	}
	if f.Status != 0 && f.Effect != NoEffect && f.Effect != Perform {
		refuse("Effect: %s can't happen to an answer with a Status; give two faults", f.Effect)
	}
	if f.Effect == Perform && f.Status < 200 {
		refuse("Status: %d can't follow what was performed; want 200 or more", f.Status)
	}
	if f.Bandwidth < 0 {
		refuse("Bandwidth: %d is below 0", f.Bandwidth)
	}
	if kinds := f.kinds(); len(kinds) > 1 {
		refuse("%s: there is %s too; give two faults", kinds[1], kinds[0])
	}
	if f.At < 0 && f.Effect != WrongLength {
		refuse("At: %d is below 0", f.At)
	}
	if f.At != 0 && !f.Effect.hasPlace() {
		refuse("At: %s has no place in a body", f.Effect)
	}
	if f.Delay == 0 && len(f.kinds()) == 0 {
		refuse("Effect: the fault has nothing that it does")
	}
}

// kinds names the fields that say what the fault does; one is enough.
func (f Fault) kinds() (kinds []string) {
	for _, k := range []struct {
		name string
		set  bool
	}{
		{"Status", f.Status != 0},
		{"Effect", f.Effect != NoEffect && f.Status == 0},
		{"Header", f.Header != nil && f.Status == 0},
		{"Bandwidth", f.Bandwidth != 0},
		{"Do", f.Do != nil},
	} {
		if k.set {
			kinds = append(kinds, k.name)
		}
	}
	return kinds
}

// hasPlace reports whether an effect happens at a place in a body.
func (e Effect) hasPlace() bool {
	switch e {
	case DropUpload, DropBody, Truncate, Corrupt, WrongLength, Stall, Reset:
		return true
	}
	return false
}
