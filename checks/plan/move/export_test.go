package move

// CompareAtMost is for tests.
var CompareAtMost = compareAtMost
