package cli

import "github.com/aymanbagabas/go-udiff"

func diff(was, is string) string { return udiff.Unified("expected", "got", was, is) }
