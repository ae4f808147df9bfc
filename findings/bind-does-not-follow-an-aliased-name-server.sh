#!/usr/bin/env bash
# A zone whose name server is listed by an alias resolves through Unbound but not through BIND.
#
# Versions: Debian's unbound 1.17.1-2+deb12u4 and bind9 1:9.18.49-1~deb12u3 as resolvers; tinydns 1:1.05-15+b2 as the
# zones' server; dig 1:9.18.49-1~deb12u3.
# Input: z.example NS alias.other.example; alias.other.example CNAME ns.other.example, which has the address of the
# server of z.example. A twin, y.example NS ns.other.example, is on the same server.
# Expected: RFC 2181 10.3 forbids such an alias, but RFC 1034 3.6.2 asks resolvers to follow aliases.
# Seen: Unbound answers for both zones; BIND answers for y.example only, and SERVFAIL for z.example.
#
# It needs Linux, Debian's apt, and root: the servers listen on port 53.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get download -q tinydns=1:1.05-15+b2 unbound=1.17.1-2+deb12u4 bind9=1:9.18.49-1~deb12u3 \
    bind9-libs=1:9.18.49-1~deb12u3 >/dev/null 2>&1 && for deb in *.deb; do dpkg -x "$deb" unpacked; done) ||
    { echo "the packages cannot be had" >&2; exit 2; }
  unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
ip addr add 127.0.0.4/32 dev lo # BIND listens only at the addresses of an interface
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait' EXIT
publish() { # address, lines of data
  mkdir "$work/$1"
  printf '%s\n' "${@:2}" >"$work/$1/data"
  (cd "$work/$1" && "$work/unpacked/usr/sbin/tinydns-data")
  env ROOT="$work/$1" IP="$1" UID=0 GID=0 "$work/unpacked/usr/sbin/tinydns" 2>/dev/null &
  servers+=($!)
}
publish 127.0.0.1 '.example:127.0.0.1:ns.example:300' '&z.example::alias.other.example:300' \
  '&y.example::ns.other.example:300' 'Calias.other.example:ns.other.example:300' '=ns.other.example:127.0.0.2:300'
publish 127.0.0.2 '.z.example::alias.other.example:300' "'a.z.example:here:300" \
  '.y.example::ns.other.example:300' "'a.y.example:here:300"
mkdir "$work/named"
cat >"$work/unbound.conf" <<EOF
server:
  interface: 127.0.0.3
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  directory: "$work"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
remote-control:
  control-enable: no
stub-zone:
  name: "example"
  stub-addr: 127.0.0.1
EOF
cat >"$work/named/conf" <<EOF
options { directory "$work/named"; pid-file none; session-keyfile "$work/named/key"; listen-on { 127.0.0.4; };
  listen-on-v6 { none; }; recursion yes; dnssec-validation no; };
controls { };
zone "example" { type static-stub; server-addresses { 127.0.0.1; }; };
EOF
"$work/unpacked/usr/sbin/unbound" -d -c "$work/unbound.conf" >"$work/unbound.log" 2>&1 &
servers+=($!)
LD_LIBRARY_PATH=$(echo "$work"/unpacked/usr/lib/*-linux-gnu) "$work/unpacked/usr/sbin/named" -g -n 1 \
  -c "$work/named/conf" >"$work/named.log" 2>&1 &
servers+=($!)
status() { dig +tries=3 +time=5 "@$1" "a.$2" TXT | sed -n 's/.*status: \([A-Z]*\).*/\1/p' || true; }
for _ in {1..40}; do # they may be slow to start
  sleep 0.5
  [[ -n $(status 127.0.0.3 y.example) && -n $(status 127.0.0.4 y.example) ]] && break
done
seen="Unbound: y $(status 127.0.0.3 y.example), z $(status 127.0.0.3 z.example);"
seen+=" BIND: y $(status 127.0.0.4 y.example), z $(status 127.0.0.4 z.example)"
echo "$seen"
[[ $seen == "Unbound: y NOERROR, z NOERROR; BIND: y NOERROR, z SERVFAIL" ]]
