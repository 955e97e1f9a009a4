#!/usr/bin/env bash
# Checks what deploy/ and .github/ hold, each by the linter of its kind:
#
#   scripts/deploy-lint.sh
#
# Kubernetes by the API's own types (an unknown field is an error), GitHub's
# workflows by actionlint, GitLab's by the schema of its CI, units by systemd; and that
# the completion for PowerShell parses.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

work=$root/bin/deploy-lint
mkdir -p "$work"
if [ ! -d "$work/node_modules/typescript" ] || [ ! -d "$work/node_modules/@vscode/tree-sitter-wasm" ]; then
    (cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit \
        kubernetes-models@4.5.1 yaml@2.9.1 typescript@5.9.3 gitlab-ci-local@4.61.0 @vscode/tree-sitter-wasm@0.3.1 >/dev/null)
fi

echo "-- deploy/kubernetes: the types of the API"
cp scripts/kubernetes-lint.js "$work/kubernetes-lint.js"
(cd "$work" && node kubernetes-lint.js "$root"/deploy/kubernetes/*.yaml &&
    node_modules/.bin/tsc --noEmit --skipLibCheck --strict --module nodenext --moduleResolution nodenext kubernetes.ts)

echo "-- completion for PowerShell: tree-sitter"
cp scripts/powershell-lint.js "$work/powershell-lint.js"
(cd "$work" && node powershell-lint.js) <cli/completion/powershell

echo "-- workflows: actionlint"
go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 -shellcheck= -pyflakes= .github/workflows/*.yml deploy/github/*.yml

echo "-- deploy/gitlab: the schema of GitLab CI"
(
    rm -rf "$work/gitlab" && mkdir "$work/gitlab" && cd "$work/gitlab"
    cp "$root"/deploy/gitlab/*.gitlab-ci.yml .gitlab-ci.yml
    # It asks git for the branch and for what has changed.
    git init -q -b main . && git add -A
    git -c user.name=lint -c user.email=lint@localhost commit -qm lint
    git update-ref refs/remotes/origin/main HEAD
    "$work/node_modules/.bin/gitlab-ci-local" --list >"$work/gitlab.log" 2>&1 || { cat "$work/gitlab.log" >&2; exit 1; }
)

if command -v systemd-analyze >/dev/null; then
    echo "-- deploy/systemd: systemd-analyze verify"
    # The units name the installed binary; here another one stands for it.
    rm -rf "$work/units" && mkdir "$work/units"
    sed 's,/usr/bin/rung,/bin/true,' deploy/systemd/rung.service >"$work/units/rung.service"
    systemd-analyze verify --man=no "$work/units/rung.service"
else
    echo "-- deploy/systemd: not checked, there is no systemd-analyze here"
fi
