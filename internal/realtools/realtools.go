// Package realtools has other migration tools, the real ones, apply half of a
// directory, and rung take over from there. Its tests need the build tag realtools and
// what scripts/other-tools.sh installs: `make test-tools`.
package realtools
