// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress draws a bar at a terminal, once work takes longer than a moment.
type progress struct {
	mu    sync.Mutex
	out   io.Writer // nil: draw nothing
	begun time.Time
	drawn time.Time
	// awaits is printed when all is done but for an answer, "" if there is none.
	awaits   string
	reported int64 // the total for which it was
	now      func() time.Time
}

const (
	progressDelay    = 300 * time.Millisecond
	progressInterval = 100 * time.Millisecond
	progressWidth    = 30 // characters of the bar
)

// start gets ready to draw, if out is a terminal and off is false.
func (p *progress) start(out io.Writer, off bool) {
	file, ok := out.(*os.File)
	if off || !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return
	}
	p.out, p.now, p.begun = out, time.Now, time.Now()
}

// report draws the bar for done of total bytes. It is called from one goroutine
// at a time. The bar is gone when all is over, so it never says 100%.
func (p *progress) report(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil || total <= 0 {
		return
	}
	now := p.now()
	all := done >= total // or more: a file may have grown
	// After the last of them there may be nothing to report for long.
	last := all && p.awaits != "" && p.reported != total
	if now.Sub(p.begun) < progressDelay || now.Sub(p.drawn) < progressInterval && !last {
		return
	}
	p.drawn = now
	if all && p.awaits != "" {
		p.reported = total
		fmt.Fprintf(p.out, "\r%s %s\x1b[K", size(total), p.awaits)
		return
	}
	p.reported = 0
	done = min(done, total)
	full := int(progressWidth * float64(done) / float64(total))
	percent := min(99, int(100*float64(done)/float64(total)))
	fmt.Fprintf(p.out, "\r[%s%s] %3d%% of %s\x1b[K", strings.Repeat("=", full), strings.Repeat(" ", progressWidth-full), percent, size(total))
}

// clear removes the bar, so that what follows stands alone.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.drawn.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = time.Time{}
	}
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}
