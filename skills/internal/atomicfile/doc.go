// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package atomicfile writes files and directories completely or not at all, and locks
// what other processes write too.
//
//   - [OpenRegular] and [ReadRegular] read a file if it is a regular one.
//   - [NewDestination] is a directory that is filled elsewhere, synced, and put in
//     place in one step where the system can. What a killed process left is ended
//     or removed by the next one.
//   - [LockBoth] keeps out other goroutines and, where files can be locked, other
//     processes.
package atomicfile
