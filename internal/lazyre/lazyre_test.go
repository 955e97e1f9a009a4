package lazyre

import "testing"

func TestIsCompiledWhenItIsUsed(t *testing.T) {
	bad := New("(")
	defer func() {
		if recover() == nil {
			t.Error("it was used")
		}
	}()
	if New("^a(b)").FindStringSubmatch("abc")[1] != "b" {
		t.Error("ab")
	}
	bad.MatchString("")
}
