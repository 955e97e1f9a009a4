package templates

import (
	"testing"

	"rung/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
