// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// trackedReader counts opens and closes, and calls on before each read.
type trackedReader struct {
	r             io.Reader
	on            func()
	opened, ended int
	closeErr      error
}

func (r *trackedReader) file(name string, size int64) reproducible.File {
	return reproducible.File{Name: name, Size: size, Open: func() (io.ReadCloser, error) {
		r.opened++
		return r, nil
	}}
}

func (r *trackedReader) Read(p []byte) (int, error) {
	if r.on != nil {
		r.on()
	}
	return r.r.Read(p)
}

func (r *trackedReader) Close() error {
	r.ended++
	return r.closeErr
}

// failingReader returns data and then err, once or with the last of the data.
func failingReader(data string, err error, together bool) io.Reader {
	r := io.MultiReader(strings.NewReader(data), iotest.ErrReader(err))
	if together {
		return iotest.DataErrReader(r)
	}
	return r
}

// writeBetween writes an archive of the file between two others.
func writeBetween(t *testing.T, f reproducible.File) error {
	t.Helper()
	_, err := reproducible.WriteTar(t.Context(), io.Discard, []reproducible.File{file("a", "before"), f, file("z", "after")}, epoch0)
	return err
}

// sizes are around all that is special: heads, blocks, buffers.
var sizes = []int{0, 1, 7, 8, 9, 511, 512, 513, 256<<10 - 1, 256 << 10, 256<<10 + 1, 600 << 10}

func TestWriteTarNamesTheFileThatChanged(t *testing.T) {
	t.Parallel()
	for _, declared := range sizes {
		for _, actual := range sizes {
			if declared == actual {
				continue
			}
			for _, wrap := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r },
				iotest.DataErrReader,
				iotest.HalfReader,
			} {
				r := &trackedReader{r: wrap(bytes.NewReader(make([]byte, actual)))}
				err := writeBetween(t, r.file("dir/changed", int64(declared)))
				require.ErrorIs(t, err, reproducible.ErrFileChanged, "%d declared, %d read", declared, actual)
				require.ErrorContains(t, err, "dir/changed: ")
				require.ErrorContains(t, err, fmt.Sprint(declared))
				require.Equal(t, 1, r.opened)
				require.Equal(t, 1, r.ended)
			}
		}
	}
}

func TestWriteTarStopsReadingAFileThatGrowsForEver(t *testing.T) {
	t.Parallel()
	err := writeBetween(t, fileOf("growing", 100, func() io.Reader { return zeros{} }))
	require.ErrorIs(t, err, reproducible.ErrFileChanged)
}

func TestWriteTarNamesTheFileThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	err := writeBetween(t, reproducible.File{Name: "dir/gone", Open: func() (io.ReadCloser, error) { return nil, errTest }})
	require.ErrorIs(t, err, errTest)
	require.ErrorContains(t, err, "dir/gone: ")
}

func TestWriteTarNamesTheFileThatCannotBeClosed(t *testing.T) {
	t.Parallel()
	r := &trackedReader{r: strings.NewReader("abc"), closeErr: errTest}
	err := writeBetween(t, r.file("dir/stuck", 3))
	require.ErrorIs(t, err, errTest)
	require.ErrorContains(t, err, "dir/stuck: ")

	// An error of the content itself tells more.
	r = &trackedReader{r: strings.NewReader("abcd"), closeErr: errTest}
	err = writeBetween(t, r.file("dir/stuck", 3))
	require.ErrorIs(t, err, reproducible.ErrFileChanged)
	require.NotErrorIs(t, err, errTest)
	require.Equal(t, 1, r.ended)
}

func TestWriteTarNamesTheFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{
		errTest,
		io.ErrUnexpectedEOF, // of a damaged zip, say: not the end of the file
		fmt.Errorf("connection closed: %w", io.EOF),
		io.ErrClosedPipe,
	} {
		for _, size := range sizes {
			for _, at := range sizes {
				if at > size {
					continue
				}
				for _, together := range []bool{false, true} {
					r := &trackedReader{r: failingReader(strings.Repeat("x", at), failure, together)}
					err := writeBetween(t, r.file("dir/damaged", int64(size)))
					require.ErrorIs(t, err, failure, "at byte %d of %d", at, size)
					require.NotErrorIs(t, err, reproducible.ErrFileChanged)
					require.ErrorContains(t, err, "dir/damaged: ")
					require.Equal(t, 1, r.ended)
				}
			}
		}
	}
}

func TestWriteTarGivesUpOnAContentWithoutProgress(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "12345678", strings.Repeat("x", 300<<10)} {
		idle := readFunc(func([]byte) (int, error) { return 0, nil })
		r := &trackedReader{r: io.MultiReader(strings.NewReader(before), idle)}
		err := writeBetween(t, r.file("dir/idle", int64(len(before))+1))
		require.ErrorIs(t, err, io.ErrNoProgress)
		require.ErrorContains(t, err, "dir/idle: ")
		require.Equal(t, 1, r.ended)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestWriteTarEndsWhenTheContextDoes(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("0123456789", 10)
	// run cancels the context at the nth read and reports how many there were.
	run := func(n int) (reads int, readers []*trackedReader, err error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var files []reproducible.File
		for _, name := range []string{"a", "b", "c"} {
			r := &trackedReader{r: iotest.OneByteReader(strings.NewReader(content)), on: func() {
				if reads++; reads == n {
					cancel()
				}
			}}
			readers = append(readers, r)
			files = append(files, r.file(name, int64(len(content))))
		}
		_, err = reproducible.WriteTar(ctx, io.Discard, files, epoch0)
		return reads, readers, err
	}
	total, _, err := run(0)
	require.NoError(t, err)
	require.Equal(t, 3*(len(content)+1), total)
	for n := 1; n <= total; n++ {
		reads, readers, err := run(n)
		require.ErrorIs(t, err, context.Canceled, "at read %d", n)
		require.Equal(t, n, reads, "no read after the end")
		for _, r := range readers {
			require.Equal(t, r.opened, r.ended)
		}
	}
}

func TestWriteTarOpensNothingInAnEndedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errTest)
	r := &trackedReader{}
	for _, files := range [][]reproducible.File{nil, {r.file("a", 0)}} {
		n, err := reproducible.WriteTar(ctx, io.Discard, files, epoch0)
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, n)
	}
	require.Zero(t, r.opened)
}

func TestWriteTarRefusesBeforeItWritesOrOpens(t *testing.T) {
	t.Parallel()
	for about, names := range map[string][]string{
		"parent":        {"a", "../x"},
		"absolute":      {"a", "/etc/passwd"},
		"empty":         {"a", ""},
		"backslash":     {"a", `x\y`},
		"NUL":           {"a", "x\x00"},
		"newline":       {"a", "x\ny"},
		"not UTF-8":     {"a", "\xff"},
		"slash at end":  {"a", "b/"},
		"twice":         {"a", "b", "a"},
		"case":          {"README", "readme"},
		"directory too": {"a/b", "c", "a"},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			r := &trackedReader{}
			var files []reproducible.File
			for _, name := range names {
				files = append(files, r.file(name, 0))
			}
			var out bytes.Buffer
			n, err := reproducible.WriteTar(t.Context(), &out, files, epoch0)
			var refused *reproducible.NameError
			require.ErrorAs(t, err, &refused)
			require.ErrorIs(t, err, reproducible.ErrName)
			require.Contains(t, names, refused.Name)
			require.Zero(t, n)
			require.Zero(t, out.Len())
			require.Zero(t, r.opened)
		})
	}
	n, err := reproducible.WriteTar(t.Context(), io.Discard, []reproducible.File{file("a", ""), {Name: "b", Size: -1}}, epoch0)
	require.ErrorContains(t, err, "b: negative size -1")
	require.Zero(t, n)
}

func TestWriteTarReturnsTheErrorOfTheWriter(t *testing.T) {
	t.Parallel()
	files := []reproducible.File{file("a", "x"), file("é", strings.Repeat("y", 700)), file("z", "")}
	whole := archive(t, epoch0, files...)
	for room := range len(whole) {
		out := &stopWriter{room: room}
		n, err := reproducible.WriteTar(t.Context(), out, files, epoch0)
		require.ErrorIs(t, err, errTest, "after %d bytes", room)
		require.EqualValues(t, room, n)
		require.Equal(t, string(whole[:room]), out.String())

		_, err = reproducible.WriteTar(t.Context(), &shortWriter{room: room}, files, epoch0)
		require.ErrorIs(t, err, io.ErrShortWrite, "after %d bytes", room)
	}
	out := &stopWriter{room: len(whole)}
	_, err := reproducible.WriteTar(t.Context(), out, files, epoch0)
	require.NoError(t, err)
}
