#!/usr/bin/env bash
# BIND keeps a denial for the TTL of its SOA record, even if the SOA's MINIMUM is lower.
#
# Versions: Debian's bind9 1:9.18.49-1~deb12u3 as a resolver; tinydns 1:1.05-15+b2 as the zone's server (like CoreDNS,
# it sends the SOA unchanged; NSD and BIND lower its TTL to MINIMUM first); dig 1:9.18.49-1~deb12u3.
# Input: a zone whose SOA has the TTL 600 and MINIMUM 3. A name is queried before it exists, then published.
# Expected by RFC 2308 5: the denial may be kept for the smaller of both, 3 seconds.
# Seen: 6 seconds later BIND still answers NXDOMAIN, and the SOA in its answer has a TTL of 594 or so.
#
# It needs Linux, Debian's apt, and root: tinydns listens on port 53 only.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get download -q tinydns=1:1.05-15+b2 bind9=1:9.18.49-1~deb12u3 \
    bind9-libs=1:9.18.49-1~deb12u3 >/dev/null 2>&1 && for deb in *.deb; do dpkg -x "$deb" unpacked; done) ||
    { echo "the packages cannot be had" >&2; exit 2; }
  unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait' EXIT
mkdir "$work/data" "$work/named" && cd "$work/data"
zone='Zz.example:ns.z.example:h.z.example:1:7200:3600:1209600:3:600\n&z.example:127.0.0.1:ns.z.example:600\n'
printf "$zone" >data
"$work/unpacked/usr/sbin/tinydns-data"
env ROOT="$work/data" IP=127.0.0.1 UID=0 GID=0 "$work/unpacked/usr/sbin/tinydns" 2>/dev/null &
servers+=($!)
cat >"$work/named/conf" <<EOF
options { directory "$work/named"; pid-file none; session-keyfile "$work/named/key"; listen-on port 5353 { 127.0.0.1; };
  listen-on-v6 { none; }; recursion yes; dnssec-validation no; };
controls { };
zone "z.example" { type static-stub; server-addresses { 127.0.0.1; }; };
EOF
LD_LIBRARY_PATH=$(echo "$work"/unpacked/usr/lib/*-linux-gnu) "$work/unpacked/usr/sbin/named" -g -n 1 \
  -c "$work/named/conf" 2>/dev/null &
servers+=($!)
ask() { dig +tries=10 +time=1 @127.0.0.1 -p 5353 new.z.example TXT; }
sleep 2
ask | grep -q 'status: NXDOMAIN'
printf "$zone'new.z.example:here:600\n" >data
"$work/unpacked/usr/sbin/tinydns-data"
dig +norecurse +short @127.0.0.1 new.z.example TXT | grep -q here
sleep 6
answer=$(ask)
ttl=$(awk '$4 == "SOA" { print $2 }' <<<"$answer")
echo "$(sed -n 's/.*status: \([A-Z]*\).*/\1/p' <<<"$answer"), SOA with TTL $ttl"
grep -q 'status: NXDOMAIN' <<<"$answer" && ((ttl > 500))
