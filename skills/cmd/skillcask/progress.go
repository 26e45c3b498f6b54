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
	p.out, p.begun = out, time.Now()
}

// report draws the bar for done of total bytes. It is called from one goroutine
// at a time.
func (p *progress) report(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.out == nil || total <= 0 || now.Sub(p.begun) < progressDelay || now.Sub(p.drawn) < progressInterval {
		return
	}
	p.drawn = now
	done = min(done, total) // a file may have grown
	full := int(progressWidth * done / total)
	fmt.Fprintf(p.out, "\r[%s%s] %3d%% of %s\x1b[K", strings.Repeat("=", full), strings.Repeat(" ", progressWidth-full), 100*done/total, size(total))
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
