#!/usr/bin/env bash
# The zone parser of miekg/dns gives records of $GENERATE a TTL of 3600, although $TTL 300 stands above them.
#
# Versions: github.com/miekg/dns v1.1.73; Debian's bind9-utils 1:9.18.49-1~deb12u3 on amd64.
# Input: $TTL 300, a $GENERATE line without a TTL of its own, and a plain record without one.
# Expected: both have the default TTL (RFC 2308 4), as named-compilezone writes them: 300 and 300.
# Seen: named-compilezone 300 and 300; miekg/dns 3600 for the generated records, 300 for the plain one.
#
# It needs Linux, Debian's apt, Go and the Go module proxy.
set -euo pipefail

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
mkdir partial
apt-get download -q bind9-utils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 >/dev/null 2>&1 ||
  { echo "the packages cannot be had" >&2; exit 2; }
for p in *.deb; do dpkg -x "$p" unpacked; done
cat >z.zone <<'ZONE'
$ORIGIN z.example.
$TTL 300
@ IN SOA ns1 host 1 3600 600 86400 300
@ IN NS ns1
ns1 IN A 192.0.2.1
$GENERATE 1-2 host-$ IN A 192.0.2.$
plain IN A 192.0.2.9
ZONE
mkdir probe
cat >probe/go.mod <<'MOD'
module probe

go 1.24

require github.com/miekg/dns v1.1.73
MOD
cat >probe/main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/miekg/dns"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	p := dns.NewZoneParser(f, "", os.Args[1])
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		fmt.Println(rr.Header().Name, rr.Header().Ttl)
	}
	if err := p.Err(); err != nil {
		panic(err)
	}
}
GO
bind=$(LD_LIBRARY_PATH=unpacked/usr/lib/x86_64-linux-gnu unpacked/usr/bin/named-compilezone -q -o - z.example z.zone |
  awk '/^(host-1|plain)\./ { print $1, $2 }')
go=$(cd probe && go mod tidy >/dev/null 2>&1 && go run . ../z.zone | grep -E '^(host-1|plain)\.')
printf 'named-compilezone:\n%s\nmiekg/dns:\n%s\n' "$bind" "$go"
[[ $bind == $'host-1.z.example. 300\nplain.z.example. 300' ]]
[[ $go == $'host-1.z.example. 3600\nplain.z.example. 300' ]]
