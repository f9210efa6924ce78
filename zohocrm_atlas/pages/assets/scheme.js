"use strict";
// The colours that somebody has chosen, before the page is drawn: it must not flash in the others.
try {
  const kept = localStorage.getItem("atlas-scheme");
  if (kept) document.documentElement.dataset.scheme = kept;
} catch {
  // Not every browser keeps it for files.
}
