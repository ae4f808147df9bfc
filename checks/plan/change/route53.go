package change

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// route53 reads the changes of a batch (ChangeResourceRecordSets of the API of Route 53), or the RRsets of a list.
func (j *jsonReader) route53(key string) {
	j.set.Format = "route53"
	j.complete = key == "ResourceRecordSets"
	j.list(func() bool {
		n, ok := j.value()
		if !ok {
			return false
		}
		if key == "ResourceRecordSets" {
			j.route53Set(n, n, "UPSERT")
			return true
		}
		j.route53Set(n, n.get("ResourceRecordSet"), strings.ToUpper(n.get("Action").scalar()))
		return true
	})
}

func (j *jsonReader) route53End() {
	j.settle()
	if len(j.mistakes) > 0 {
		return
	}
	switch {
	case len(j.set.Edits) == 0 && len(j.set.Open) == 0:
		j.fail(Position{File: j.file}, "the JSON has no records")
	case j.zone == "":
		j.fail(Position{File: j.file}, "the JSON does not say of which zone it is")
	}
}

// route53Set reads one RRset of Route 53. Names are absolute there, with a dot at the end or without.
func (j *jsonReader) route53Set(change, set *node, action string) {
	at := j.place(change)
	if action != "CREATE" && action != "UPSERT" && action != "DELETE" {
		j.fail(at, "the action %s is none of CREATE, UPSERT and DELETE", quote(action))
		return
	}
	nameNode := set.get("Name")
	name, err := canonical(octal(nameNode.scalar()))
	if err != nil || nameNode.kind != scalarText {
		j.fail(j.place(nameNode), "the record has no valid Name: %s", quote(nameNode.scalar()))
		return
	}
	typeNode := set.get("Type")
	rrtype, ok := recordType(typeNode.scalar())
	if !ok {
		j.fail(j.place(typeNode), "%s is not a type of records", quote(typeNode.scalar()))
		return
	}
	if j.zone != "" && !j.inside(j.place(nameNode), name) {
		return
	}
	var ttl *uint32
	if n := set.get("TTL"); n.kind != null {
		if ttl, ok = j.ttl(j.place(n), n.scalar()); !ok {
			return
		}
	}
	policy := set.get("SetIdentifier").kind != null
	switch alias := set.get("AliasTarget"); {
	case alias.kind != null:
		j.route53Alias(at, name, rrtype, alias, action, policy)
	case action == "DELETE" && !policy && len(set.get("ResourceRecords").items) == 0:
		if j.count(at) {
			j.remove(at, name, rrtype, nil)
		}
	default:
		j.route53Records(at, name, rrtype, ttl, set.get("ResourceRecords"), action, policy)
	}
}

func (j *jsonReader) route53Alias(at Position, name string, rrtype uint16, alias *node, action string, policy bool) {
	target, err := canonical(octal(alias.get("DNSName").scalar()))
	switch {
	case err != nil:
		j.fail(j.place(alias), "the alias has no valid DNSName")
	case !j.count(at):
	case policy:
		j.open(at, name, rrtype, oneOfSeveral)
	case action == "DELETE":
		j.remove(at, name, rrtype, nil)
	default:
		j.alias(at, name, rrtype, target, nil)
		j.set.Edits[len(j.set.Edits)-1].Fresh = action == "CREATE"
	}
}

// oneOfSeveral is why a record with a routing policy is not judged.
const oneOfSeveral = "Route 53 answers with one of several sets of records (a routing policy), and which one is " +
	"not " +
	"known here"

func (j *jsonReader) route53Records(
	at Position, name string, rrtype uint16, ttl *uint32, records *node, action string, policy bool,
) {
	if len(records.items) == 0 {
		j.fail(j.place(records), "the record of %s has no ResourceRecords", show(name))
	}
	for _, item := range records.items {
		value := item.get("Value")
		if !j.count(at) {
			return
		}
		rr, wrong := j.absoluteValue(rrtype, octal(value.scalar()))
		switch {
		case wrong != nil:
			j.fail(j.place(value), "%s", wrong.why)
		case policy:
		case action == "DELETE":
			j.remove(j.place(value), name, rrtype, rr)
		default:
			j.doubled(at, name, rr, false)
			j.replace(at, name, record{rr: rr, ttl: ttl})
		}
	}
	if last := len(j.set.Edits) - 1; last >= 0 && action == "CREATE" && j.set.Edits[last].Name == name {
		j.set.Edits[last].Fresh = !policy
	}
	if policy {
		j.open(at, name, rrtype, oneOfSeveral)
	}
}

// absoluteValue reads data in which all names are absolute.
func (r *reader) absoluteValue(rrtype uint16, text string) (dns.RR, *malformed) {
	if (rrtype == dns.TypeTXT || rrtype == dns.TypeSPF) && !strings.HasPrefix(strings.TrimSpace(text), `"`) {
		return nil, &malformed{-1, fmt.Sprintf("%s: Route 53 takes a %s value in quotation marks", quote(text),
			typeName(rrtype))}
	}
	return r.parse(rrtype, text, func(rel string) string { return rel + "." })
}

// octal converts the escapes of Route 53, which are octal (\052 is an asterisk), to those of zone files, which are
// decimal (\042).
func octal(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		n, digits := 0, 0
		for ; digits < 3 && i+1+digits < len(s); digits++ {
			c := s[i+1+digits]
			if c < '0' || c > '7' {
				break
			}
			n = n*8 + int(c-'0')
		}
		if digits == 3 && n < 256 {
			fmt.Fprintf(&b, `\%03d`, n)
			i += 3
			continue
		}
		b.WriteString(s[i : i+2])
		i++
	}
	return b.String()
}
