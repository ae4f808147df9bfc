#!/usr/bin/env bash
# tinydns answers NXDOMAIN for a name without records that has names below it (an "empty non-terminal").
#
# Versions: Debian's tinydns 1:1.05-15+b2 (djbdns), on amd64; dig 1:9.18.49-1~deb12u3.
# Input: one record, a.b.z.example A 192.0.2.1. Nothing else is at b.z.example.
# Expected by RFC 8020 and RFC 4592 2.2.2: b.z.example exists, so NOERROR without an answer.
# Seen: a.b.z.example NOERROR, b.z.example NXDOMAIN. A resolver that applies RFC 8020 (NXDOMAIN means that nothing is
# below) may then deny a.b.z.example as well.
#
# It needs Linux, Debian's apt, and root: tinydns listens on port 53 only.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && mkdir -p partial && apt-get download -q tinydns=1:1.05-15+b2 >/dev/null 2>&1 &&
    dpkg -x tinydns_*.deb unpacked) || { echo "the package cannot be had" >&2; exit 2; }
  unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
mkdir "$work/data" && cd "$work/data"
printf '.z.example:127.0.0.1:ns.z.example:300\n=a.b.z.example:192.0.2.1:300\n' >data
"$work/unpacked/usr/sbin/tinydns-data"
tinydns=$work/unpacked/usr/sbin/tinydns
env ROOT="$work/data" IP=127.0.0.1 UID=0 GID=0 "$tinydns" 2>/dev/null &
server=$!
trap 'kill "$server"' EXIT
status() { dig +norecurse +tries=5 +time=1 @127.0.0.1 "$1" A | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }
sleep 1
below=$(status a.b.z.example) between=$(status b.z.example)
echo "a.b.z.example $below, b.z.example $between"
[[ $below == NOERROR && $between == NXDOMAIN ]]
