#!/usr/bin/env bash
# In a signed zone, Unbound answers SERVFAIL to a query for type CNAME if the CNAME is synthesized from a DNAME.
#
# Versions: Debian's unbound 1.17.1-2+deb12u4; nsd 4.6.1-1 as the zone's server; bind9-utils 1:9.18.49-1~deb12u3, which
# sign the zone; dig of the same version.
# Input: eu.z.example DNAME emea.z.example, and shop.emea.z.example TXT. shop.eu.z.example is queried for TXT and for
# CNAME, each at a new resolver that has the zone's key.
# Expected by RFC 6672 5.3.1: the signature of the DNAME is enough, and both are NOERROR. BIND 9.18, Knot Resolver 5.6
# and PowerDNS Recursor 4.8 answer and validate both.
# Seen: TXT is NOERROR; CNAME is SERVFAIL with the extended error 9 (DNSKEY Missing).
#
# It needs Linux, Debian's apt, and root: the servers listen on port 53.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get download -q nsd=4.6.1-1 unbound=1.17.1-2+deb12u4 bind9-utils=1:9.18.49-1~deb12u3 \
    bind9-libs=1:9.18.49-1~deb12u3 >/dev/null 2>&1 && for deb in *.deb; do dpkg -x "$deb" unpacked; done) ||
    { echo "the packages cannot be had" >&2; exit 2; }
  unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait' EXIT
cat >"$work/zone" <<EOF
\$ORIGIN z.example.
\$TTL 300
@ SOA ns hostmaster 1 7200 3600 1209600 300
@ NS ns
ns A 127.0.0.1
eu DNAME emea
shop.emea TXT "here"
EOF
(
  cd "$work"
  export LD_LIBRARY_PATH
  LD_LIBRARY_PATH=$(echo "$work"/unpacked/usr/lib/*-linux-gnu)
  unpacked/usr/bin/dnssec-keygen -q -a ECDSAP256SHA256 -f KSK z.example >/dev/null
  unpacked/usr/bin/dnssec-signzone -S -z -P -o z.example -f zone.signed zone >/dev/null 2>&1
)
key=$(grep -v '^;' "$work"/Kz.example.*.key)
cat >"$work/nsd.conf" <<EOF
server:
  ip-address: 127.0.0.1
  username: ""
  database: ""
  zonesdir: "$work"
  pidfile: "$work/nsd.pid"
  xfrdfile: "$work/xfrd.state"
  xfrdir: "$work"
  zonelistfile: "$work/zone.list"
  cookie-secret-file: "$work/cookies"
remote-control:
  control-enable: no
zone:
  name: "z.example"
  zonefile: "zone.signed"
EOF
"$work/unpacked/usr/sbin/nsd" -d -c "$work/nsd.conf" >"$work/nsd.log" 2>&1 &
servers+=($!)
for address in 127.0.0.2 127.0.0.3; do
  cat >"$work/$address.conf" <<EOF
server:
  interface: $address
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  directory: "$work"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  trust-anchor: "$key"
  ede: yes
remote-control:
  control-enable: no
stub-zone:
  name: "z.example"
  stub-addr: 127.0.0.1
EOF
  "$work/unpacked/usr/sbin/unbound" -d -c "$work/$address.conf" >"$work/$address.log" 2>&1 &
  servers+=($!)
done
status() { # server, name, type
  dig +tries=3 +time=5 "@$1" "$2" "$3" | sed -n 's/.*status: \([A-Z]*\).*/\1/p;s/.*\(EDE: [0-9]*\).*/\1/p' || true
}
for address in 127.0.0.2 127.0.0.3; do # they may be slow to start
  for _ in {1..40}; do
    sleep 0.5
    [[ $(status "$address" z.example SOA) == NOERROR ]] && break
  done
done
seen="TXT $(status 127.0.0.2 shop.eu.z.example TXT), CNAME $(echo $(status 127.0.0.3 shop.eu.z.example CNAME))"
echo "Unbound: $seen; the server itself: CNAME $(status 127.0.0.1 shop.eu.z.example CNAME)"
[[ $seen == "TXT NOERROR, CNAME SERVFAIL EDE: 9" ]]
