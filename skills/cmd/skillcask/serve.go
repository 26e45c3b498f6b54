// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/registrytest"
	registrylayout "github.com/skillcask/skillcask/registrytest/layout"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// serveFlags say what to serve and to whom.
type serveFlags struct {
	layout, addr, htpasswd string
	tls, readOnly, noAuth  bool
}

func (a *app) serveCommand() *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a registry, for trying things out or handing skills to a colleague",
		Long: `Serve a registry until interrupted and print its URL.

With --layout it keeps its content in a directory: each repository is an OCI
layout below it, and a PATH that is a layout itself is served as the one
repository of its name. Without, content is in memory and ends with the command.

It listens on the loopback interface unless --addr says otherwise, and on other
addresses only with --htpasswd or --insecure-no-auth.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), flags)
		},
	}
	cmd.Flags().StringVar(&flags.layout, "layout", "", "directory to serve; made if it does not exist, but for --read-only (default: memory)")
	cmd.Flags().StringVar(&flags.addr, "addr", "127.0.0.1:5000", "HOST:PORT to listen on; port 0 takes a free one")
	cmd.Flags().BoolVar(&flags.tls, "tls", false, "serve HTTPS with a certificate made for this run, and tell where it is")
	cmd.Flags().StringVar(&flags.htpasswd, "htpasswd", "", "file of users and bcrypt passwords, as htpasswd -B writes it")
	cmd.Flags().BoolVar(&flags.readOnly, "read-only", false, "take no pushes and no deletions")
	cmd.Flags().BoolVar(&flags.noAuth, "insecure-no-auth", false, "let anybody in who can reach an address that is not loopback")
	return cmd
}

// options returns what the flags ask for, but for the layout. It touches nothing.
func (f serveFlags) options() (options registrytest.Options, err error) {
	options = registrytest.Options{ReadOnly: f.readOnly, RecordLimit: -1}
	if err := f.checkAddress(); err != nil {
		return options, err
	}
	if err := f.checkLayout(); err != nil {
		return options, err
	}
	if f.htpasswd != "" {
		passwords, err := readHtpasswd(f.htpasswd)
		if err != nil {
			return options, err
		}
		options.Auth = &registrytest.Auth{Check: passwords.check}
	}
	return options, nil
}

// checkLayout refuses a directory that can't be one, or that a mistyped path
// would make only to show that it is empty.
func (f serveFlags) checkLayout() error {
	if f.layout == "" {
		return nil
	}
	info, err := os.Stat(f.layout)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.readOnly:
		return fmt.Errorf("--layout %s: there is no such directory, and --read-only makes none", f.layout)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--layout: %w", err)
	case !info.IsDir():
		return fmt.Errorf("--layout %s: %w: it is no directory; name one, or a new one", f.layout, ocilayout.ErrNotLayout)
	}
	if _, err := os.Stat(filepath.Join(f.layout, skills.SkillFileName)); err == nil {
		return fmt.Errorf("--layout %s: %w: it holds %s, so it is a skill; name a layout or a new directory", f.layout, ocilayout.ErrNotLayout, skills.SkillFileName)
	}
	return nil
}

// isLoopback reports whether an address with a port is of this machine alone.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	addr, perr := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || perr == nil && addr.IsLoopback())
}

// checkAddress refuses to let the whole network in by mistake.
func (f serveFlags) checkAddress() error {
	if _, _, err := net.SplitHostPort(f.addr); err != nil {
		return usageError{fmt.Errorf("--addr %q: want HOST:PORT, such as 127.0.0.1:5000", f.addr)}
	}
	if isLoopback(f.addr) || f.htpasswd != "" || f.noAuth {
		return nil
	}
	return usageError{fmt.Errorf("--addr %s: others can reach this address; add --htpasswd FILE, or --insecure-no-auth to let anybody in", f.addr)}
}

// serve serves until ctx ends. The layout is opened last, since that may make the
// directory and removes unfinished uploads, which may be those of a server that
// has the address already.
func (a *app) serve(ctx context.Context, flags serveFlags) error {
	options, err := flags.options()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", flags.addr)
	if err != nil {
		var operation *net.OpError // says the address again
		var call *os.SyscallError
		if errors.As(err, &operation) {
			err = operation.Err
		}
		if errors.As(err, &call) {
			err = call.Err
		}
		return fmt.Errorf("--addr %s: %w; choose another port, or 0 for a free one", flags.addr, err)
	}
	defer listener.Close()
	if flags.layout != "" {
		if options.Store, err = registrylayout.Open(flags.layout); err != nil {
			return err
		}
		defer options.Store.Close()
	}
	at := newEndpoint(flags.addr, listener.Addr())
	scheme := "http"
	if flags.tls {
		certificate, file, err := makeCertificate(at)
		if err != nil {
			return err
		}
		defer os.Remove(file)
		clients := "clients trust it with"
		if isLoopback(at.host) { // which they ask in plain HTTP
			clients = "clients need --plain-http=false and"
		}
		a.printf("the certificate is %s; %s SSL_CERT_FILE=%s", file, clients, file)
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}})
		scheme = "https"
	}
	server := &http.Server{Handler: registrytest.NewHandler(options), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	a.serves = true
	url := scheme + "://" + at.host
	if err := a.print(serveJSON{URL: url}, url); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// What is under way may end, for a moment.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
