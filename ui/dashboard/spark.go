package dashboard

import (
	"slices"
	"strings"
	"time"

	"domdoc/ui/dashboard/theme"
)

// spark counts the results of a run over time, in as many parts as a sparkline has cells: where the time gets too
// long for them, two parts become one.
type spark struct {
	counts [sparkCells]int
	each   time.Duration // the time of one part; 0: nothing was counted
	began  time.Time
}

const (
	sparkCells = 24
	sparkFirst = 250 * time.Millisecond
)

// add counts results that came at one moment.
func (s *spark) add(now time.Time, n int) {
	if s.each == 0 {
		s.each, s.began = sparkFirst, now
	}
	part := int(max(0, now.Sub(s.began)) / s.each)
	for part >= sparkCells {
		for i := range sparkCells / 2 {
			s.counts[i] = s.counts[2*i] + s.counts[2*i+1]
		}
		clear(s.counts[sparkCells/2:])
		s.each *= 2
		part = int(now.Sub(s.began) / s.each)
	}
	s.counts[part] += n
}

// parts are the counts up to the last one that is not empty.
func (s *spark) parts() []int {
	n := sparkCells
	for n > 0 && s.counts[n-1] == 0 {
		n--
	}
	return s.counts[:n]
}

// render draws the sparkline; nothing where there is too little to compare.
func (s *spark) render(th *theme.Theme) string {
	parts := s.parts()
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

// sparkText is the course of the run: how many results came when, and how fast.
func (l *listScreen) sparkText() string {
	line := l.run.spark.render(l.th)
	if line == "" || l.opt.Plain {
		return ""
	}
	parts := l.run.spark.parts()
	n := 0
	for _, c := range parts {
		n += c
	}
	return l.th.Waiting.Do(line) + l.th.Faint.Do(" "+rate(n, time.Duration(len(parts))*l.run.spark.each))
}

// rate is how many there were in a time, by the second or, where that is less than one, by the minute.
func rate(n int, d time.Duration) string {
	if perSecond := float64(n) / d.Seconds(); perSecond >= 1 {
		return count(int(perSecond+0.5)) + "/s"
	}
	return count(int(float64(n)/d.Minutes()+0.5)) + "/min"
}
