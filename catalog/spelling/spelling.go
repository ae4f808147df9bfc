// Package spelling compares words that may be misspelled.
package spelling

// Nearest returns the word of a list that another one was probably meant to be; empty if none is near.
func Nearest(word string, list []string) string {
	best := ""
	least := min(3, 1+len(word)/3)
	for _, w := range list {
		if d := Distance(word, w, least); d < least {
			best, least = w, d
		}
	}
	return best
}

// Distance returns the number of insertions, deletions, replacements and transpositions between two words of ASCII,
// or limit if it is at least that.
func Distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		rows[2][0] = i
		smallest := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[2][j] = min(rows[1][j]+1, rows[2][j-1]+1, rows[1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[2][j] = min(rows[2][j], rows[0][j-2]+1)
			}
			smallest = min(smallest, rows[2][j])
		}
		if smallest >= limit {
			return limit
		}
		rows[0], rows[1], rows[2] = rows[1], rows[2], rows[0]
	}
	return min(rows[1][len(b)], limit)
}
