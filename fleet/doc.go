// Package fleet runs one command on many databases: it finds the targets, says
// which of them are meant, and works on several at a time.
//
// What it promises, each proved by a test against real servers:
//
//   - A target that fails stops no other, unless the options say so, and is named.
//   - When the context ends, the targets in hand are finished and no other is begun.
//   - No more targets of one server are worked on at a time than Parallel says.
//   - No address is in an error or in a name: addresses hold passwords.
package fleet
