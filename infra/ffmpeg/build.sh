#!/usr/bin/env bash
# Builds ffmpeg and ffprobe for the Lambda layer from pinned sources: libraries linked statically, glibc dynamically,
# so build where glibc is not newer than that of provided.al2023 (2.34): in an arm64 container of amazonlinux:2023.
#   dnf install -y gcc gcc-c++ make git tar xz perl pkgconf zlib-devel zlib-static meson ninja-build zip
# Output: target/ffmpeg-layer/layer.zip with bin/ffmpeg and bin/ffprobe, which Lambda unpacks to /opt.
set -euo pipefail

# The version that the local platform has from Debian 12, so that both encode alike.
readonly FFMPEG=5.1.6
readonly FFMPEG_SHA256=f4fa066278f7a47feab316fef905f4db0d5e9b589451949740f83972b30901bd
# Debian 12's libx264-164. A git commit is its own checksum.
readonly X264_COMMIT=31e19f92f00c7003fa115047ce50978bc98c3a0d
# AV1 sources; ffmpeg itself decodes AV1 only on graphics hardware.
readonly DAV1D=1.5.0
readonly DAV1D_SHA256=14bd6f5157808ed9aedcafbe50df689d304fd4810ac20be6eec1ab037436afd6
# HTTPS, by which sources are read from S3 in ranges.
readonly OPENSSL=3.5.4
readonly OPENSSL_SHA256=967311f84955316969bdb1d8d4b983718ef42338639c621ec4c34fddef355e99

ROOT="$(cd "$(dirname "$0")/../.." && pwd)"
JOBS="$(getconf _NPROCESSORS_ONLN)"
readonly ROOT JOBS
readonly WORK="$ROOT/target/ffmpeg-layer"
readonly PREFIX="$WORK/prefix"
export PKG_CONFIG_PATH="$PREFIX/lib/pkgconfig"

if [[ "$(uname -m)" != aarch64 ]]; then
  echo "This machine is $(uname -m) and the functions run on arm64: build on arm64 Linux or in an arm64 container." >&2
  exit 1
fi

# unpack NAME URL SHA256: a checked source tree in $WORK/NAME
unpack() {
  local archive="$WORK/sources/${2##*/}"
  [[ -f "$archive" ]] || curl --fail --silent --show-error --location --proto '=https' --output "$archive" "$2"
  echo "$3  $archive" | sha256sum --check --strict --quiet
  rm -rf "${WORK:?}/$1"
  mkdir "$WORK/$1"
  tar -xf "$archive" -C "$WORK/$1" --strip-components 1
}

mkdir -p "$WORK/sources" "$PREFIX"
unpack ffmpeg "https://ffmpeg.org/releases/ffmpeg-$FFMPEG.tar.xz" "$FFMPEG_SHA256"
unpack dav1d "https://downloads.videolan.org/pub/videolan/dav1d/$DAV1D/dav1d-$DAV1D.tar.xz" "$DAV1D_SHA256"
unpack openssl "https://github.com/openssl/openssl/releases/download/openssl-$OPENSSL/openssl-$OPENSSL.tar.gz" "$OPENSSL_SHA256"
[[ -d "$WORK/x264" ]] || git clone --quiet https://code.videolan.org/videolan/x264.git "$WORK/x264"
git -C "$WORK/x264" checkout --quiet "$X264_COMMIT"

cd "$WORK/x264"
./configure --prefix="$PREFIX" --enable-static --enable-pic --disable-cli --disable-opencl
make -j "$JOBS" install-lib-static

cd "$WORK/dav1d"
meson setup build --prefix="$PREFIX" --libdir=lib --buildtype=release --default-library=static \
  -Denable_tools=false -Denable_tests=false
ninja -C build install

cd "$WORK/openssl"
# /etc/pki/tls is where Amazon Linux keeps the certificates of the authorities.
./Configure --prefix="$PREFIX" --libdir=lib --openssldir=/etc/pki/tls no-shared no-tests no-apps no-docs
make -j "$JOBS"
make install_sw

cd "$WORK/ffmpeg"
# Version 3 of the GPL, because OpenSSL's licence (Apache 2.0) is compatible with that one only.
./configure --prefix="$PREFIX" --pkg-config-flags=--static \
  --enable-gpl --enable-version3 --enable-libx264 --enable-libdav1d --enable-openssl --enable-zlib \
  --disable-autodetect --disable-doc --disable-debug --disable-ffplay --disable-devices \
  --disable-protocols --enable-protocol=file,pipe,http,https,tcp,tls
make -j "$JOBS" install

rm -rf "$WORK/layer" "$WORK/layer.zip"
mkdir -p "$WORK/layer/bin"
cp "$PREFIX/bin/ffmpeg" "$PREFIX/bin/ffprobe" "$WORK/layer/bin/"
strip "$WORK/layer/bin/ffmpeg" "$WORK/layer/bin/ffprobe"
# zip keeps the executable bits; -X leaves out times of the owner, so that equal builds are equal archives.
(cd "$WORK/layer" && touch -d @0 bin bin/* && zip -9 -q -r -X "$WORK/layer.zip" bin)
echo "Built $WORK/layer.zip; \`make deploy\` publishes it."
