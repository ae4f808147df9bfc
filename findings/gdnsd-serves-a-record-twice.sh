#!/usr/bin/env bash
# gdnsd serves an A record that stands twice in the zone file twice.
#
# Versions: Debian's gdnsd 3.8.1-1, on amd64; dig 1:9.18.49-1~deb12u3.
# Input: a zone file with the line "www 300 A 192.0.2.1" two times, as two exports that were joined have it.
# Expected by RFC 2181 5 (no two records of an RRset have the same data), and as BIND, NSD, Knot DNS, PowerDNS and
# YADIFA do: one record.
# Seen: two equal records in the answer, so whoever counts records or compares sets by length finds a difference.
#
# It needs Linux, Debian's apt, and root (for a network namespace of its own).
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && mkdir -p partial && apt-get download -q \
    gdnsd=3.8.1-1 libev4 libsodium23 libunwind8 \
    liburcu8 libmaxminddb0 >/dev/null 2>&1 &&
    for p in *.deb; do dpkg -x "$p" unpacked; done) || { echo "the packages cannot be had" >&2; exit 2; }
  LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait' EXIT

mkdir -p "$work/gdnsd/zones" "$work/gdnsd/run" "$work/gdnsd/state"
cat >"$work/gdnsd/zones/z.example" <<'ZONE'
@ 300 SOA ns1 host 1 3600 600 86400 300
@ 300 NS ns1
ns1 300 A 127.0.0.1
www 300 A 192.0.2.1
www 300 A 192.0.2.1
ZONE
echo "options => { listen => 127.0.0.1:5301, run_dir => $work/gdnsd/run, state_dir => $work/gdnsd/state }" \
  >"$work/gdnsd/config"
"$work/unpacked/usr/sbin/gdnsd" -c "$work/gdnsd" start >"$work/gdnsd.log" 2>&1 & servers+=($!)
answer() {
  dig +norecurse +tries=1 +time=1 +noall +answer -p 5301 @127.0.0.1 www.z.example A | awk '$4 == "A" {print $5}' | xargs
}
for _ in {1..60}; do
  got=$(answer || true)
  [[ -n $got ]] && break
  sleep 0.2
done
echo "www.z.example A: $got"
[[ $got == "192.0.2.1 192.0.2.1" ]]
