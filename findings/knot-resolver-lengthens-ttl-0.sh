#!/usr/bin/env bash
# Knot Resolver caches an answer with TTL 0 for five seconds.
#
# Versions: Debian's knot-resolver 5.6.0-1+deb12u1 with its defaults; tinydns 1:1.05-15+b2 as the zone's server; dig
# 1:9.18.49-1~deb12u3.
# Input: a zone with a TXT record with TTL 0. It is queried, changed, and queried again immediately.
# Expected by RFC 1035 3.2.1: an answer with TTL 0 is used for the current transaction only and not cached.
# Seen: the second answer is the old value.
#
# It needs Linux, Debian's apt, and root: tinydns listens on port 53 only.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get download -q tinydns=1:1.05-15+b2 knot-resolver=5.6.0-1+deb12u1 >/dev/null 2>&1 &&
    for deb in *.deb; do dpkg -x "$deb" unpacked; done) || { echo "the packages cannot be had" >&2; exit 2; }
  unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait' EXIT
mkdir "$work/data" "$work/kresd" && cd "$work/data"
publish() {
  printf ".z.example:127.0.0.1:ns.z.example:300\n'a.z.example:%s:0\n" "$1" >data
  "$work/unpacked/usr/sbin/tinydns-data"
}
publish old
env ROOT="$work/data" IP=127.0.0.1 UID=0 GID=0 "$work/unpacked/usr/sbin/tinydns" 2>/dev/null &
servers+=($!)
cat >"$work/kresd/conf" <<EOF
net.listen('127.0.0.1', 5353, { kind = 'dns' })
net.ipv6 = false
cache.open(10 * MB, 'lmdb://$work/kresd')
trust_anchors.remove('.')
policy.add(policy.suffix(policy.STUB('127.0.0.1'), { todname('z.example.') }))
EOF
LD_LIBRARY_PATH=$(echo "$work"/unpacked/usr/lib/*-linux-gnu) "$work/unpacked/usr/sbin/kresd" -n -c "$work/kresd/conf" \
  "$work/kresd" >"$work/log" 2>&1 &
servers+=($!)
ask() { dig +tries=10 +time=1 +noall +answer @127.0.0.1 -p 5353 a.z.example TXT; }
sleep 2
ask >"$work/first"
grep -q old "$work/first" || { cat "$work/log" "$work/first" >&2; exit 1; }
publish new
dig +norecurse +short @127.0.0.1 a.z.example TXT | grep -q new
sleep 2
ask | tee "$work/second"
grep -q old "$work/second"
sleep 5
ask | grep -q new
