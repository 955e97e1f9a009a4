package proxy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// Message is one message of PostgreSQL's protocol, version 3.
type Message struct {
	// Conn is the number of the connection: 1 for the first one accepted.
	Conn int
	// Type is the message's type, such as 'Q'. It is 0 for what has none: the
	// client's startup packet, its requests for SSL, GSS and cancellation, the
	// server's one-byte answer to them, and everything after it answered yes.
	Type byte
	// Payload is what follows type and length. It is valid during the hook only.
	Payload []byte

	raw []byte // the whole of it, as it goes on the wire
}

// SQL is the statement text of a Query or Parse message, otherwise "".
func (m Message) SQL() string {
	text := m.Payload
	switch m.Type {
	case 'Q':
	case 'P': // first the statement's name
		_, after, _ := strings.Cut(string(text), "\x00")
		text = []byte(after)
	default:
		return ""
	}
	sql, _, _ := strings.Cut(string(text), "\x00")
	return sql
}

// Tag is the command tag of a CommandComplete message from the server, such as
// "COMMIT" or "INSERT 0 1", otherwise "".
func (m Message) Tag() string {
	if m.Type != 'C' {
		return ""
	}
	tag, _, _ := strings.Cut(string(m.Payload), "\x00")
	return tag
}

// The codes that stand in place of a version in the client's untyped packets.
const (
	sslRequest = 80877103
	gssRequest = 80877104
)

// maxLength is what PostgreSQL itself takes at most; more means that we have
// lost our place in the stream.
const maxLength = 1 << 30

func readTyped(r *bufio.Reader) (Message, error) {
	head, err := r.Peek(5)
	if err != nil {
		return Message{}, noCut(head, err)
	}
	raw, err := readFrame(r, 1, binary.BigEndian.Uint32(head[1:]))
	if err != nil {
		return Message{}, err
	}
	return Message{Type: raw[0], Payload: raw[5:], raw: raw}, nil
}

// readUntyped reads a client's first packets, and tells their code.
func readUntyped(r *bufio.Reader) (m Message, code uint32, err error) {
	head, err := r.Peek(4)
	if err != nil {
		return Message{}, 0, noCut(head, err)
	}
	raw, err := readFrame(r, 0, binary.BigEndian.Uint32(head))
	if err != nil {
		return Message{}, 0, err
	}
	if len(raw) >= 8 {
		code = binary.BigEndian.Uint32(raw[4:])
	}
	return Message{Payload: raw[4:], raw: raw}, code, nil
}

// readFrame reads prefix bytes and then length bytes, of which the length's own
// four are a part.
func readFrame(r *bufio.Reader, prefix int, length uint32) ([]byte, error) {
	if length < 4 || length > maxLength {
		return nil, fmt.Errorf("not PostgreSQL's protocol: a message of %d bytes", length)
	}
	raw := make([]byte, prefix+int(length))
	_, err := io.ReadFull(r, raw)
	return raw, err
}

// readSome reads whatever there is, for streams that we do not understand.
func readSome(r *bufio.Reader) (Message, error) {
	if _, err := r.Peek(1); err != nil {
		return Message{}, err
	}
	raw := make([]byte, r.Buffered())
	_, err := io.ReadFull(r, raw)
	return Message{Payload: raw, raw: raw}, err
}

// noCut tells an end between two messages from one within.
func noCut(head []byte, err error) error {
	if err == io.EOF && len(head) > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}
