package probe

import "testing"

// TestGroup: a panic in one function comes out where the others are waited for, after all of them.
func TestGroup(t *testing.T) {
	t.Parallel()
	var g Group
	done := make(chan bool, 10)
	for i := range 10 {
		g.Go(func() {
			defer func() { done <- true }()
			if i == 3 {
				panic("index out of range")
			}
		})
	}
	defer func() {
		if r := recover(); r != "index out of range" || len(done) != 10 {
			t.Errorf("recovered %v after %d functions", r, len(done))
		}
	}()
	g.Wait()
	t.Error("the panic is lost")
}
