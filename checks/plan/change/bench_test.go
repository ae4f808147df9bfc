package change

import (
	"fmt"
	"strings"
	"testing"
)

// large returns a file of each format with n records.
func large(format string, n int) (name, text string) {
	var b strings.Builder
	each := func(begin, record, between, end string) {
		b.WriteString(begin)
		for i := range n {
			if i > 0 {
				b.WriteString(between)
			}
			b.WriteString(strings.NewReplacer("{i}", fmt.Sprint(i), "{a}",
				fmt.Sprintf("192.0.2.%d", i%256)).Replace(record))
		}
		b.WriteString(end)
	}
	name = "changes"
	switch format {
	case "zone":
		each("$ORIGIN example.com.\n$TTL 300\n", "h{i} A {a}", "\n", "\n")
	case "nsupdate":
		each("zone example.com\nttl 60\n", "update add h{i}.example.com A {a}", "\n", "\nsend\n")
	case "route53": // in one line, as APIs send it
		each(`{"Changes":[`, `{"Action":"UPSERT","ResourceRecordSet":{"Name":"h{i}.example.com","Type":"A","TTL":300,`+
			`"ResourceRecords":[{"Value":"{a}"}]}}`, ",", "]}")
	case "octodns":
		name = "example.com.yaml"
		each("---\n", "h{i}:\n  type: A\n  ttl: 300\n  value: {a}", "\n", "\n")
	case "dnscontrol":
		each(`[{"domain":"example.com","corrections":2,"correction_details":[`,
			`"+ CREATE h{i}.example.com A {a} ttl=300"`, ",", `],"provider":"bind"}]`)
	case "terraform":
		each(`{"format_version":"1.2","resource_changes":[`, `{"address":"aws_route53_record.r[{i}]","mode":"managed",`+
			`"type":"aws_route53_record","change":{"actions":["create"],"before":null,"after":{"name":"h{i}.example.com",`+
			`"type":"A","ttl":300,"records":["{a}"],"zone_id":"Z1"},"after_unknown":{"id":true}}}`, ",", "]}")
	}
	return name, b.String()
}

var allFormats = strings.Fields("zone nsupdate route53 octodns dnscontrol terraform")

func BenchmarkRead(b *testing.B) {
	for _, format := range allFormats {
		b.Run(format, func(b *testing.B) {
			name, text := large(format, 100_000)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(name, []byte(text), "example.com", false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
