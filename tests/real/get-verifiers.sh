#!/bin/sh
# get-verifiers.sh DIR
#
# Unpacks independent verifiers of image signatures into DIR: skopeo, podman and cosign of Debian 13, as DIR/bin/{skopeo,podman,cosign}.
# Debian 12's own skopeo and podman are built without sigstore and refuse every signed image, so they prove nothing.
#
# Nothing outside DIR changes: apt runs with lists, cache and status of its own, and packages are unpacked, not installed.
# The mirror is the one that this machine's apt already uses for Debian. Needs about 270 MB; podman needs root to start.
set -eu

suite=trixie
packages="skopeo podman netavark cosign libc6 libgpgme11t64 libgpg-error0 libassuan9 libsubid5 libsqlite3-0 libseccomp2 libbsd0 libacl1"

if [ $# -ne 1 ]; then
    echo "usage: $0 DIR" >&2
    exit 2
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd)

if [ -x "$dir/bin/skopeo" ] && [ -x "$dir/bin/podman" ] && [ -x "$dir/bin/cosign" ] && [ -e "$dir/complete" ]; then
    echo "$dir is complete"
    exit 0
fi

# shellcheck disable=SC2016 # apt fills in the variables
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(SITE)' | awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
if [ -z "$mirror" ]; then
    echo "no Debian mirror is known to apt here; run apt-get update first" >&2
    exit 5
fi

apt=$dir/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources" "$dir/packages" "$dir/root" "$dir/bin"
: >"$apt/status"
cat >"$apt/sources/$suite.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES

private_apt() {
    apt-get -qq \
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/sources" -o Dir::State::lists="$apt/lists" \
        -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

private_apt update
# shellcheck disable=SC2086 # a list of words
(cd "$dir/packages" && private_apt download $packages)
for package in "$dir"/packages/*.deb; do
    dpkg-deb -x "$package" "$dir/root"
done

machine=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
libraries=$dir/root/usr/lib/$machine
loader=$(find "$dir/root" -name 'ld-linux-*.so.*' | sort | head -n 1)

# skopeo: the newer loader with the newer libraries first.
cat >"$dir/bin/skopeo" <<WRAPPER
#!/bin/sh
exec "$loader" --library-path "$libraries:/usr/lib/$machine:/lib/$machine" "$dir/root/usr/bin/skopeo" "\$@"
WRAPPER

# podman starts itself again while it unpacks layers, so a loader on the command line does not reach its children: here the newer
# libraries lie over the machine's own, in a mount namespace that ends with the command.
printf '[engine]\nhelper_binaries_dir = ["%s"]\n' "$dir/root/usr/lib/podman" >"$dir/containers.conf"
cat >"$dir/bin/podman" <<WRAPPER
#!/bin/sh
export CONTAINERS_CONF="$dir/containers.conf"
exec unshare --mount /bin/sh -c '
    mount -t overlay overlay -o "lowerdir=$libraries:/usr/lib/$machine" "/usr/lib/$machine" && exec "\$0" "\$@"
' "$dir/root/usr/bin/podman" "\$@"
WRAPPER

chmod 755 "$dir/bin/skopeo" "$dir/bin/podman"
ln -sf ../root/usr/bin/cosign "$dir/bin/cosign"

"$dir/bin/skopeo" --version
"$dir/bin/podman" --version || echo "podman does not start here (it needs root and a mount namespace)" >&2
cosign_package=$(find "$dir/packages" -name 'cosign_*.deb' | sed 's/.*cosign_\([^_]*\)_.*/\1/')
echo "cosign version $cosign_package"
: >"$dir/complete"
