package english

func IsOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func Plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
