package exchange

import (
	"fmt"
	"testing"

	"github.com/miekg/dns"
)

// TestAnswers: equal messages are read once, whatever their ids, and no other is taken for one of them.
func TestAnswers(t *testing.T) {
	t.Parallel()
	pack := func(id uint16, record string) []byte {
		rr, err := dns.NewRR(record)
		if err != nil {
			t.Fatal(err)
		}
		m := new(dns.Msg).SetQuestion(rr.Header().Name, rr.Header().Rrtype)
		m.Id, m.Response, m.Answer = id, true, []dns.RR{rr}
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return wire
	}
	var a Answers
	for i := range 3 * answersKept { // more than places
		record := fmt.Sprintf("n%d.example. 300 IN TXT \"%d\"", i, i)
		first, err := a.Unpack(pack(1, record))
		if err != nil || first.Answer[0].(*dns.TXT).Txt[0] != fmt.Sprint(i) {
			t.Fatalf("%v, %v", first, err)
		}
		if again, _ := a.Unpack(pack(2, record)); again != first {
			t.Fatalf("answer %d was read again", i)
		}
	}
	chaos := pack(1, `version.bind. 0 CH TXT "1"`)
	first, _ := a.Unpack(chaos)
	if again, _ := a.Unpack(chaos); again == first {
		t.Error("a message that Judge changes is shared")
	}
	for _, wire := range [][]byte{nil, {1}, make([]byte, 11)} {
		if _, err := a.Unpack(wire); err == nil {
			t.Errorf("%d octets were read", len(wire))
		}
	}
}
