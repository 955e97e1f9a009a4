#!/usr/bin/env bash
# Makes the release in dist/: an archive for each platform, .deb and .rpm for
# Linux, an SBOM, and the checksums of all of them. The same commit gives the
# same bytes, on any machine with the same Go:
#
#   scripts/dist.sh
#
# The version is that of the tag which HEAD bears (v1.2.3), as Go stamps it.
set -euo pipefail
cd "$(dirname "$0")/.."

nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
cyclonedx=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

out=$PWD/dist
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# All times in the archives are the commit's.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
version=$(git describe --tags --match 'v[0-9]*' --exact-match 2>/dev/null || echo "v0.0.0-$(git log -1 --format=%cd-%h --date=format:%Y%m%d --abbrev=12)")
[ -z "$(git status --porcelain)" ] || version+=-dirty

# pack DIRECTORY ARCHIVE: by name, without owners, at the commit's time.
pack() {
    local dir=$1 archive=$2
    find "$dir" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    case $archive in
    *.zip) (cd "$(dirname "$dir")" && find "$(basename "$dir")" | LC_ALL=C sort | TZ=UTC zip -qX "$archive" -@) ;;
    *) tar -C "$(dirname "$dir")" --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$(basename "$dir")" | gzip -n9 >"$archive" ;;
    esac
}

# What every archive holds beside the binary. The host's own binary tells it.
CGO_ENABLED=0 go build -o "$work/host/rung" .
mkdir -p "$work/common/completions"
cp README.md LICENSE CHANGELOG.md "$work/common"
for shell in bash zsh fish powershell; do
    if "$work/host/rung" completion "$shell" >"$work/script" 2>/dev/null; then
        mv "$work/script" "$work/common/completions/rung.$shell"
    fi
done
if "$work/host/rung" man >"$work/script" 2>/dev/null; then
    mv "$work/script" "$work/common/rung.1"
fi

for platform in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do
    os=${platform%/*} arch=${platform#*/}
    dir=$work/$os-$arch/rung-$version-$os-$arch
    mkdir -p "$dir"
    cp -r "$work/common/." "$dir"
    binary=rung
    [ "$os" != windows ] || binary=rung.exe
    # Without a build id of the linker's, which would tell one machine from another.
    CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath -tags "$(cat scripts/tags)" $(sed s/^/-gcflags=/ scripts/gcflags) -ldflags '-s -w -buildid=' -o "$dir/$binary" .
    if [ "$os" = windows ]; then
        pack "$dir" "$out/rung-$version-$os-$arch.zip"
    else
        pack "$dir" "$out/rung-$version-$os-$arch.tar.gz"
    fi
    echo "dist: $os/$arch, $(stat -c %s "$dir/$binary" 2>/dev/null || stat -f %z "$dir/$binary") bytes" >&2
done

for arch in amd64 arm64; do
    ln -sfn "$work/linux-$arch/rung-$version-linux-$arch" "$work/package"
    for format in deb rpm; do
        (cd "$work" && VERSION=${version#v} ARCH=$arch go run "$nfpm" package --config "$OLDPWD/packaging/nfpm.yaml" --packager "$format" --target "$out" >/dev/null)
    done
done

# Of the binary itself: what it was built from, it knows.
go run "$cyclonedx" bin -json -licenses -noserial -version "$version" -output "$out/rung-$version.cdx.json" "$work/linux-amd64/rung-$version-linux-amd64/rung" 2>"$work/sbom.log" ||
    { cat "$work/sbom.log" >&2; echo "dist: the SBOM could not be made" >&2; exit 1; }
sed -i.was "s/\"timestamp\": \"[^\"]*\"/\"timestamp\": \"$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)\"/" "$out/rung-$version.cdx.json"
rm "$out/rung-$version.cdx.json.was"

(cd "$out" && LC_ALL=C sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" SHA256SUMS)
ls -1 "$out" >&2
