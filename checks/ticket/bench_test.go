package ticket_test

import (
	"fmt"
	"strings"
	"testing"

	"domdoc/checks/ticket"
)

// BenchmarkRead reads a short ticket and the longest one.
func BenchmarkRead(b *testing.B) {
	const line = "2026-02-22T10:31:00Z ERROR shop.curlew.example DOMAIN_004 the error message of our page, http 200\n"
	for _, size := range []int{4 << 10, ticket.MaxSize} {
		text := strings.Repeat(line, size/len(line))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				ticket.Read(text)
			}
		})
	}
}
