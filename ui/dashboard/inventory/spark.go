package inventory

import (
	"slices"
	"strings"
	"time"

	"domdoc/ui/dashboard/theme"
)

// Spark counts the results of a run over time, in as many parts as a sparkline has cells: as the time grows, two
// parts are merged into one.
type Spark struct {
	counts [SparkCells]int
	Each   time.Duration // the time of one part; 0: nothing was counted
	began  time.Time
}

const (
	SparkCells = 24
	SparkFirst = 250 * time.Millisecond
)

// Add counts results that came at one moment.
func (s *Spark) Add(now time.Time, n int) {
	if s.Each == 0 {
		s.Each, s.began = SparkFirst, now
	}
	part := int(max(0, now.Sub(s.began)) / s.Each)
	for part >= SparkCells {
		for i := range SparkCells / 2 {
			s.counts[i] = s.counts[2*i] + s.counts[2*i+1]
		}
		clear(s.counts[SparkCells/2:])
		s.Each *= 2
		part = int(now.Sub(s.began) / s.Each)
	}
	s.counts[part] += n
}

// Parts returns the counts up to the last one that is not empty.
func (s *Spark) Parts() []int {
	n := SparkCells
	for n > 0 && s.counts[n-1] == 0 {
		n--
	}
	return s.counts[:n]
}

// Render draws the sparkline; nothing if there are too few parts.
func (s *Spark) Render(th *theme.Theme) string {
	parts := s.Parts()
	if len(parts) < 3 {
		return ""
	}
	most := slices.Max(parts)
	var b strings.Builder
	for _, n := range parts {
		if n == 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteString(th.Spark[(n*len(th.Spark)-1)/most])
	}
	return b.String()
}
