// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
)

// Fault is something that goes wrong with the requests that match. A fault has a
// Delay, and then a Status, an Effect, a Header, a Bandwidth or Do; or one of these.
//
// Requests are counted as they arrive, by each fault for itself. If several faults
// are due at the same request, the one given first happens.
//
// A fault whose Effect harms the registry's work or its answer, which is each but
// [DropRequest], passes over requests that the registry refuses for want of
// credentials: a client that is asked for them sends the request again. See
// [Match.Unauthenticated].
//
// A fault that never took effect makes a test pass for nothing: [New] fails it at its
// end, unless the fault is Optional.
type Fault struct {
	// Match selects requests. The zero value means all.
	Match Match

	// Skip is how many matching requests pass unharmed before the first fault.
	Skip int

	// Count is how many requests it then happens to. Default: 1. Below 0: all.
	Count int

	// Delay passes before anything else is done. If the client or the server goes
	// away meanwhile the request is dropped. This goes unnoticed if the request has
	// a body, which is not read before the delay is over.
	Delay time.Duration

	// Status is answered in place of the registry, with Header and, from 400 on, a
	// body with the error code that fits it. A 401 brings the challenge of
	// [Options.Auth], if there is one. A status of 1xx comes before the registry's
	// answer; after 101 the connection is closed. It has three digits. With the
	// effect [Perform] the registry first does what it was asked.
	Status int

	// Header is that of the answer with Status. Without a Status it is added to the
	// registry's own answer, in place of what that has under the same names; a name
	// without values is removed.
	Header http.Header

	// Bandwidth is how many bytes of a body pass in a second, in each direction, in
	// place of [Options.Bandwidth].
	Bandwidth int64

	// Do answers in place of the registry. It may hand the request on to registry,
	// changed or not, and change the answer: whatever the other fields can't say.
	Do func(registry http.Handler) http.Handler

	// Effect harms the request or its answer.
	Effect Effect

	// At is a position in a body, in bytes, where Effect needs one.
	At int64

	// Optional says that the fault need not take effect, as where it depends on
	// the client how often it asks.
	Optional bool
}

// Match selects requests by all of the fields that are set.
type Match struct {
	Method     string        // such as "GET"
	Path       string        // a pattern of path.Match for the URL's path; its * stands for slashes too
	Repository string        // its name
	Tag        string        // of a manifest, where the request's path names it
	Digest     digest.Digest // of blob or manifest, where the request names it
	Operation  Operation
	// Func selects requests by anything else, such as a header. It must not read the
	// body, and may be called by many goroutines.
	Func func(*http.Request) bool
	// Unauthenticated selects the requests that the registry refuses for want of
	// credentials, with 401, and no others.
	Unauthenticated bool
}

// Effect is a way in which a request or its answer is harmed.
type Effect int

// The effects. "Performed" says whether the registry did what it was asked. Harm to
// a body, a header or an upload does nothing where there is none, unless stated
// otherwise: the fault is spent, and has not taken effect. To close the connection is to
// reset the request's stream where it is one of HTTP/2 (RFC 9113, section 5.4.2):
// others on the same connection go on, and what was not yet read may be lost.
const (
	// NoEffect lets the request pass; a Delay may be all that is wanted.
	NoEffect Effect = iota
	// DropRequest closes the connection when the request's head has arrived.
	// Not performed.
	DropRequest
	// DropUpload closes the connection when At bytes of the request's body were
	// taken in, or all if it has fewer. Of an upload these stay, so that it can be
	// resumed. Not performed otherwise.
	DropUpload
	// DropResponse closes the connection instead of answering. Performed.
	DropResponse
	// DropBody closes the connection after At bytes of the answer's body, or after
	// all of it if it has no more, be it empty. Performed.
	DropBody
	// Truncate ends the answer's body after At bytes and says so in its
	// Content-Length: short, but with nothing wrong on the wire.
	Truncate
	// Corrupt inverts byte At of the answer's body.
	Corrupt
	// WrongLength adds At, or 1 if At is 0, to the answer's Content-Length, which
	// is 0 of an answer without a body, and absent of a 204. A body that is longer
	// than it says is cut off there.
	WrongLength
	// WrongDigest puts the digest of something else into Docker-Content-Digest.
	WrongDigest
	// Stall sends At bytes of the answer's body, and no more, until the client or
	// the server goes away. With At 0 not even a status is sent. Performed.
	Stall
	// LoseUpload ends the upload session that the request names.
	LoseUpload
	// Forget answers with success and stores or deletes nothing. Uploads begin and
	// are closed, but have received nothing; to cancel one leaves it as it was.
	Forget
	// Perform does what was asked and then answers with Status, such as 500, 502 or
	// 504: a gateway gave up on a registry that did its work.
	Perform
	// IgnoreRange answers a request for a part of a blob with all of it, and 200.
	IgnoreRange
	// Reset ends the connection with a TCP reset after At bytes of the answer's body,
	// or after all of it if it has no more; in HTTP/2, the stream. What was sent may
	// be lost with it. Performed.
	Reset
	// GoAway answers as ever and ends the connection: by Connection: close, in HTTP/2
	// by a GOAWAY frame.
	GoAway
)

var effectNames = [...]string{"no-effect", "drop-request", "drop-upload", "drop-response", "drop-body",
	"truncate", "corrupt", "wrong-length", "wrong-digest", "stall", "lose-upload", "forget",
	"perform", "ignore-range", "reset", "go-away"}

// String returns a name such as "drop-request".
func (e Effect) String() string {
	if e < 0 || int(e) >= len(effectNames) {
		return fmt.Sprintf("Effect(%d)", int(e))
	}
	return effectNames[e]
}

// String says in short what the fault does, such as "delay 1s, status 503".
func (f Fault) String() string {
	s := ""
	if f.Delay > 0 {
		s = "delay " + f.Delay.String()
	}
	switch {
	case f.Effect == Perform:
		return join(s, fmt.Sprintf("perform, then status %d", f.Status))
	case f.Status != 0:
		return join(s, fmt.Sprintf("status %d", f.Status))
	case f.Effect != NoEffect:
		return join(s, fmt.Sprintf("%s at %d", f.Effect, f.At))
	case f.Header != nil:
		return join(s, "header "+strings.Join(slices.Sorted(maps.Keys(f.Header)), ", "))
	case f.Bandwidth > 0:
		return join(s, fmt.Sprintf("%d bytes a second", f.Bandwidth))
	case f.Do != nil:
		return join(s, "do")
	}
	return s
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

// RandomFaults spreads faults over the first n requests that match: each is hit with
// the given probability, by one of the choices, whose Match, Skip and Count are
// ignored. They are Optional. The same arguments give the same schedule.
func RandomFaults(seed uint64, n int, probability float64, match Match, choices ...Fault) []Fault {
	rnd := rand.New(rand.NewPCG(seed, 0))
	var faults []Fault
	for i := range n {
		hit, choice := rnd.Float64() < probability, rnd.IntN(max(1, len(choices)))
		if !hit || len(choices) == 0 {
			continue
		}
		f := choices[choice]
		f.Match, f.Skip, f.Count, f.Optional = match, i, 1, true
		faults = append(faults, f)
	}
	return faults
}
