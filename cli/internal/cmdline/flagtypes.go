package cmdline

import (
	"fmt"
	"strconv"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

// duration is a flag's value in PostgreSQL's or Go's notation.
type duration time.Duration

// Set implements flag.Value.
func (d *duration) Set(s string) error {
	v, err := runner.ParseDuration(s)
	*d = duration(v)
	return err
}

func (d *duration) String() string {
	switch {
	case d == nil:
		return ""
	case *d == 0:
		return "0"
	case time.Duration(*d)%time.Minute == 0:
		return fmt.Sprintf("%dmin", time.Duration(*d)/time.Minute)
	}
	return time.Duration(*d).String()
}

// DurationFlag is a flag that GetDuration reads.
func DurationFlag(name string, value time.Duration, usage string) ucli.Flag {
	v := duration(value)
	return &ucli.GenericFlag{Name: name, Value: &v, Usage: usage}
}

// GetDuration is the value of such a flag; 0 for a command that has none.
func GetDuration(c *ucli.Context, name string) time.Duration {
	if v, ok := c.Generic(name).(*duration); ok {
		return time.Duration(*v)
	}
	return 0
}

// number is a flag's value that counts something.
type number int

// Set implements flag.Value.
func (n *number) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a whole number", s)
	}
	*n = number(v)
	return nil
}

func (n *number) String() string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// NumberFlag is a flag that GetNumber reads: a whole number, not below 0.
func NumberFlag(name string, value int, usage string) ucli.Flag {
	v := number(value)
	return &ucli.GenericFlag{Name: name, Value: &v, Usage: usage}
}

// GetNumber is the value of such a flag; 0 for a command that has none.
func GetNumber(c *ucli.Context, name string) int {
	if v, ok := c.Generic(name).(*number); ok {
		return int(*v)
	}
	return 0
}
