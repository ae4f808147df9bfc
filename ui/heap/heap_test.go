package heap

import "testing"

// TestPercentFor: a small heap is collected rarely, a large one more often than usual.
func TestPercentFor(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{
		0: maxPercent, 1 << 20: maxPercent, minHeap / 2: 200, minHeap: 100, 1 << 30: minPercent,
	} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes in use: %d%%, want %d%%", live, got, want)
		}
	}
}
