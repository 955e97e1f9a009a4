package script

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// backend is as much of a PostgreSQL server as psql needs to hand over its
// statements: it says yes to each and notes it.
type backend struct {
	dir  string // of the unix socket, for psql's -h
	sent chan []received
}

// received is one Query message and the COPY data that came after it.
type received struct{ sql, data string }

// The server, not psql, knows which statement is a COPY. The statements of the
// tests that are none do not look like one either.
var copyIn = regexp.MustCompile(`(?is)^copy\b(?:[^;'"]|"[^"]*")*\bfrom\s+std(?:in|out)\b`)

func startBackend(t *testing.T) *backend {
	t.Helper()
	// t.TempDir has long names, and a socket's path may have 107 bytes.
	dir, err := os.MkdirTemp("", "rung")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b := &backend{dir: dir, sent: make(chan []received, 1)}
	ln, err := net.Listen("unix", filepath.Join(b.dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b.sent <- serve(conn)
	}()
	return b
}

// session speaks version 3 of the protocol, message by message.
type session struct {
	r *bufio.Reader
	w *bufio.Writer
}

func serve(conn net.Conn) (got []received) {
	s := session{bufio.NewReader(conn), bufio.NewWriter(conn)}
	if !s.startup() {
		return nil
	}
	for {
		kind, body, ok := s.read()
		if !ok || kind == 'X' {
			return got
		}
		if kind != 'Q' {
			continue
		}
		query := received{sql: strings.TrimSuffix(body, "\x00")}
		if copyIn.MatchString(query.sql[gap(query.sql):]) {
			query.data = s.copyData()
		}
		got = append(got, query)
		s.send('C', "COPY 0\x00")
		s.ready()
	}
}

func (s session) startup() bool {
	var size int32
	if binary.Read(s.r, binary.BigEndian, &size) != nil {
		return false
	}
	if _, err := io.CopyN(io.Discard, s.r, int64(size)-4); err != nil {
		return false
	}
	s.send('R', "\x00\x00\x00\x00")
	for name, value := range map[string]string{
		"server_version":              "15.0",
		"client_encoding":             "UTF8",
		"standard_conforming_strings": "on",
	} {
		s.send('S', name+"\x00"+value+"\x00")
	}
	s.ready()
	return true
}

func (s session) copyData() string {
	var data strings.Builder
	s.send('G', "\x00\x00\x00")
	s.w.Flush()
	for {
		kind, body, ok := s.read()
		if !ok || kind == 'c' || kind == 'f' {
			return data.String()
		}
		data.WriteString(body)
	}
}

func (s session) read() (kind byte, body string, ok bool) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(s.r, head); err != nil {
		return 0, "", false
	}
	b := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err := io.ReadFull(s.r, b)
	return head[0], string(b), err == nil
}

func (s session) send(kind byte, body string) {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	_, _ = s.w.Write(append(head, body...)) // the writer keeps the error, and psql will complain
}

func (s session) ready() {
	s.send('Z', "I")
	s.w.Flush()
}
