package runner

import "testing"

// Passwords are hidden in a diff, also where the keyword stands in a line that
// the diff does not show, and a changed one is a difference all the same.
func TestMaskedDiff(t *testing.T) {
	t.Parallel()
	const head = "--- a\n+++ b\n"
	for _, c := range []struct{ from, to, want string }{
		{"password 'old';\n", "password 'new';\n", head + "@@ -1 +1 @@\n-password '***';\n+password '***';\n"},
		{"a\npassword\n 'old'", "a\npassword\n 'newer'\n", head + "@@ -1,3 +1,3 @@\n a\n password\n- '***'\n\\ No newline at end of file\n+ '*****'\n"},
		{"password '\n1\n2\n3\n4\nx'\n", "password '\n1\n2\n3\n4\ny'\n", head + "@@ -3,4 +3,4 @@\n *\n *\n *\n-*'\n+*'\n"},
		{"1\n2\n", "password 'x';\n1\n3\npassword 'y';\n", head + "@@ -1,2 +1,4 @@\n+password '*';\n 1\n-2\n+3\n+password '*';\n"},
		{"", "password 'x'", head + "@@ -0,0 +1 @@\n+password '*'\n\\ No newline at end of file\n"},
		{"password 'x'", "", head + "@@ -1 +0,0 @@\n-password '*'\n\\ No newline at end of file\n"},
		{"same", "same", ""},
	} {
		if got, err := maskedDiff("a", "b", c.from, c.to); got != c.want || err != nil {
			t.Errorf("%q to %q: %v\n%s\nwant\n%s", c.from, c.to, err, got, c.want)
		}
	}
}
