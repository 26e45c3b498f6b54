// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package deflate is a DEFLATE (RFC 1951) encoder whose output is a function of its input
// alone.
//
//	zw := deflate.NewWriter(w, 0)
//	io.Copy(zw, r)
//	zw.Close()
//
// The bytes do not depend on the number of workers, the sizes of the writes, the
// scheduler, the architecture or the Go release. They are specified in the section
// "DEFLATE stream" of FORMAT.md in package reproducible, which this code follows step by
// step.
//
// The input is cut into chunks of a fixed size. Each is encoded on its own, with the 32
// KiB before it as dictionary, so that all cores work; the results are written in order
// from the goroutine that calls [Writer.Write] and [Writer.Close]. There is one level.
// There is no flush.
package deflate

import (
	"errors"
	"io"
	"runtime"
)

// maxWorkers bounds memory: each worker has one MiB of tables and, with what waits, up to
// two chunks and their output.
const maxWorkers = 8

// ErrClosed is returned by Write after Close or Abort.
var ErrClosed = errors.New("deflate: write after close")

// Writer compresses what is written to it. It is not safe for concurrent use.
type Writer struct {
	w       io.Writer
	workers int
	slots   chan struct{} // one element for each worker at work
	cur     *job          // the chunk being filled, or nil
	queue   []*job        // dispatched, in order of input
	err     error
	closed  bool
}

// A job is one chunk on its way through an encoder.
type job struct {
	in    *window
	start int // where the chunk begins: the length of the dictionary
	end   int // where it ends
	last  bool
	out   []byte
	done  chan struct{}
}

// NewWriter returns a Writer that compresses to w with up to workers goroutines at a
// time. If workers is zero or less, it is runtime.GOMAXPROCS(0). The number has no
// influence on the output. It is capped at eight.
func NewWriter(w io.Writer, workers int) *Writer {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return &Writer{w: w, workers: min(workers, maxWorkers)}
}

// Write takes p in. An error is [ErrClosed] or comes from the underlying writer, perhaps
// for bytes of an earlier call. After an error from the underlying writer every call
// returns that error, and no goroutine is left.
func (z *Writer) Write(p []byte) (int, error) {
	if z.err != nil {
		return 0, z.err
	}
	if z.closed {
		return 0, ErrClosed
	}
	taken := 0
	for len(p) > 0 {
		if z.cur == nil {
			z.cur = newJob(nil)
		}
		if z.cur.end == z.cur.start+chunkSize {
			if err := z.dispatch(); err != nil {
				return taken, err
			}
		}
		n := copy(z.cur.in[z.cur.end:z.cur.start+chunkSize], p)
		z.cur.end += n
		taken += n
		p = p[n:]
	}
	return taken, nil
}

// Close ends the DEFLATE stream and writes what is left of it. It does not close the
// underlying writer. A second call does nothing and returns the same error as the first.
func (z *Writer) Close() error {
	if z.closed || z.err != nil {
		z.closed = true
		return z.err
	}
	z.closed = true
	if z.cur == nil {
		z.cur = newJob(nil)
	}
	last := z.cur
	last.last = true
	z.cur = nil
	if len(z.queue) > 0 {
		z.start(last)
		return z.drain(0)
	}
	last.run(getEncoder())
	return z.deliver(last)
}

// Abort gives up: it waits for what is under way and writes nothing more. Write and Close
// then return [ErrClosed]. After Close it does nothing.
func (z *Writer) Abort() {
	if !z.closed && z.err == nil {
		z.err = ErrClosed
	}
	z.closed = true
	z.discard()
}

// dispatch hands the current chunk to an encoder and begins the next, with the end of
// this one as dictionary.
func (z *Writer) dispatch() error {
	full := z.cur
	z.cur = newJob(full)
	if z.workers == 1 {
		full.run(getEncoder())
		return z.deliver(full)
	}
	z.start(full)
	// One chunk being filled and one waiting are enough to keep the workers busy while
	// the caller reads.
	return z.drain(z.workers + 1)
}

func (z *Writer) start(j *job) {
	if z.slots == nil {
		z.slots = make(chan struct{}, z.workers)
	}
	j.done = make(chan struct{})
	z.queue = append(z.queue, j)
	slots := z.slots
	go func() {
		slots <- struct{}{}
		j.run(getEncoder())
		<-slots
		close(j.done)
	}()
}

// drain writes finished chunks in order until at most keep are under way and the first of
// these is unfinished.
func (z *Writer) drain(keep int) error {
	for len(z.queue) > 0 {
		first := z.queue[0]
		if len(z.queue) > keep {
			<-first.done
		} else {
			select {
			case <-first.done:
			default:
				return nil
			}
		}
		z.queue = z.queue[1:]
		if err := z.deliver(first); err != nil {
			return err
		}
	}
	return nil
}

// deliver writes the output of a finished chunk and releases its buffers.
func (z *Writer) deliver(j *job) error {
	n, err := z.w.Write(j.out)
	if err == nil && n != len(j.out) {
		err = io.ErrShortWrite
	}
	j.release()
	if err != nil {
		z.err = err
		z.discard()
	}
	return err
}

// discard waits for every chunk under way and drops it.
func (z *Writer) discard() {
	for _, j := range z.queue {
		<-j.done
		j.release()
	}
	z.queue = nil
	if z.cur != nil {
		z.cur.release()
		z.cur = nil
	}
}
